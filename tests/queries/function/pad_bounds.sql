-- No more than 65536 characters are filled: more is a row error.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CHAR_LENGTH(LPAD('ab', b, 'x')) AS r FROM v
