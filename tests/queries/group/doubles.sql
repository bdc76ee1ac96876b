-- DOUBLE sums in source order; a NaN spoils only its own group; MIN and MAX know NaN as the greatest.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT b, SUM(x) AS total, MIN(x) AS low, MAX(x) AS high, AVG(n) AS mean FROM numbers GROUP BY b
