-- JSON output: numbers bare, text escaped, NULL and NaN null.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO out SELECT id, d, x, n, b, day, 'say "' || 'é' || '"' AS text, INTERVAL '1500' MILLISECOND AS span FROM numbers
