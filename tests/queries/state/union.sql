-- The rows of both queries of a union touch the same keys.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT k, COUNT(*) AS n, SUM(v) AS total FROM (
  SELECT ts, k, v FROM touches WHERE v % 2 = 0 UNION ALL SELECT ts, k, -v AS v FROM touches WHERE k = 'a' OR v < 7
) GROUP BY k EMIT CHANGES;
