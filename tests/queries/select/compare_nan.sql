-- NaN is after every number and equals itself; -0.0 equals 0.0.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, x, x > 1e300 AS huge, x = x AS itself, x < 0 AS negative, x = 0.0 AS zero, d = 1 AS one, b AND x > 1 AS both, b OR x > 1 AS any, NOT b AS never
FROM numbers
