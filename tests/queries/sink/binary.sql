-- Fixed-width output without NULLs: rows with one, or with a text that is too long, are row errors.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out (id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE, at TIMESTAMP, text CHAR(3), wide DECIMAL(38,4))
WITH ('connector' = 'stdout', 'format' = 'binary', 'timestamp.format' = 'us');
INSERT INTO out SELECT id, d, x, n, b, day, CAST(day AS TIMESTAMP) + INTERVAL '1500' NANOSECOND, CAST(id AS VARCHAR) || 'é', d FROM numbers;
