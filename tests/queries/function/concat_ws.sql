-- NULLs are left out; a NULL separator gives NULL.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CONCAT_WS('-', s, p, 'end') AS joined, CONCAT_WS(p, 'a', 'b') AS by_p, CONCAT_WS(',', NULL, NULL) AS none, CONCAT_WS(',', NULL, 'x') AS one
FROM v
