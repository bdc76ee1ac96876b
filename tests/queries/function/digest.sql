-- Digests and hexadecimal digits; a number is written by its 64 bits.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, MD5(s) AS m, SHA256(s) AS h, TO_HEX(i) AS hi, TO_HEX(b) AS hb, HEX(p) AS hp, TO_HEX(NULL) AS nothing
FROM v
