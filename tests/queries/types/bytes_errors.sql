-- Bytes that are no UTF-8, and characters that a set does not have, are row errors.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CAST(y AS VARCHAR) AS text, ENCODE(CASE id WHEN 7 THEN '€' ELSE 'x' END, 'ISO-8859-1') AS latin, FROM_HEX(CASE id WHEN 2 THEN '4' ELSE '41' END) AS hex FROM k WHERE id <> 6
