-- The types in OVER: extremes, LAG and its default.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, LAG(y, 1, x'00ff') OVER (ORDER BY ts) AS y, MAX(t) OVER (ORDER BY ts) AS t, MIN(r) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS r, SUM(r) OVER (ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s,
       LAST_VALUE(y) OVER (ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS last
FROM k WHERE id <> 6
