-- ROWs in CSV are JSON text; they are keys like other values, and go out as they came in.
CREATE TABLE levels (id INT, a ROW(x BIGINT), f STRUCT<y INT>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/rows.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b (a ROW<x BIGINT>, n BIGINT) WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO b SELECT a, COUNT(*) AS n FROM levels WHERE a IS NOT NULL GROUP BY a EMIT FINAL;
SELECT id, a.x, a.x = 1 AS one, f FROM levels
