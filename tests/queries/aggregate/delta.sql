-- Exact for exact numbers, an INTERVAL of times, NaN with a NaN.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT b, DELTA(n) AS n, DELTA(d) AS d, DELTA(x) AS x, DELTA(id) AS id FROM numbers GROUP BY b
