-- The same with a null bitmap: what is not given is NULL; NOT NULL is checked.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out (id INT NOT NULL, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE, at TIMESTAMP, text VARCHAR(4), wide DECIMAL(38,4))
WITH ('connector' = 'file', 'path' = '${OUT}/out.bin', 'binary.nulls' = 'bitmap');
INSERT INTO out (id, d, x, n, b, day, text) SELECT id, d, x, n, b, day, CAST(n AS VARCHAR) FROM numbers;
