-- The types as keys, in aggregates and DISTINCT.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT y, t, r, COUNT(*) AS n, COUNT(DISTINCT s) AS s, MIN(z) AS z, SUM(r) AS sum, AVG(r) AS avg, MAX(id) AS id FROM k WHERE id <> 6 GROUP BY y, t, r
