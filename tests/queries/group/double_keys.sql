-- -0.0 meets 0.0 and NaN meets NaN in one group; NULL is a group.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT x, COUNT(*) AS n, SUM(n) AS total FROM numbers GROUP BY x
