-- Nothing is in an empty list, not even NULL, and everything is not in it.
CREATE TABLE vals (id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(20,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, i IN (SELECT id FROM vals WHERE id > 100) AS found, i NOT IN (SELECT id FROM vals WHERE id > 100) AS missed,
  i IN (SELECT CAST(NULL AS INT) FROM vals) AS unknown, i NOT IN (SELECT i FROM vals WHERE i = 7) AS other
FROM vals
