-- What is told every 5 s is the last change of a group, whichever life of its key it is of.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT k, COUNT(*) AS n, SUM(v) AS total FROM touches GROUP BY k HAVING COUNT(*) > 1 EMIT CHANGES EVERY 5s;
