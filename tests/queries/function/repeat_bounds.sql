-- A text that grows beyond 64 KiB is a row error, not an allocation.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CHAR_LENGTH(REPEAT('ab', n * 32768)) AS r FROM v
