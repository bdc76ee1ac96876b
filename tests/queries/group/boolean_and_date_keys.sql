-- Two keys, both with NULLs.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT b, day, COUNT(*) AS n FROM numbers GROUP BY b, day
