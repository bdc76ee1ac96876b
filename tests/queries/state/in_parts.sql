-- The setting is that of the queries behind it: 0s forgets nothing. A subquery ends before the job begins, and forgets nothing.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK short WITH ('connector' = 'file', 'path' = '${OUT}/short.csv', 'format' = 'csv');
CREATE SINK all_of_it WITH ('connector' = 'file', 'path' = '${OUT}/all.csv', 'format' = 'csv');
SET 'state.ttl' = '10 s';
INSERT INTO short SELECT k, COUNT(*) AS n FROM touches WHERE v > (SELECT MIN(v) FROM touches) GROUP BY k;
SET 'state.ttl' = '0s';
INSERT INTO all_of_it SELECT k, COUNT(*) AS n FROM touches WHERE v > 10 GROUP BY k;
