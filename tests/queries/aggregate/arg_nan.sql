-- NaN is the greatest, -0.0 equals 0.0 and the first of them stays.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ARG_MAX(id, x) AS greatest, ARG_MIN(id, x) AS least, ARG_MIN(id, ABS(d)) AS first, ARG_MAX(b, id) AS last_flag, ARG_MAX(day, b) AS day FROM numbers
