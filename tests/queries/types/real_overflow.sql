-- A DOUBLE beyond the greatest REAL, and a product of REALs, are row errors.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CAST(r * CAST(1e38 AS REAL) AS REAL) AS product FROM k WHERE id <> 6
