-- Behind an exchange: a key that can fail is grouped by behind the filter that guards it, and its rows bring their time along.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT 100 / v AS part, COUNT(*) AS n, SUM(v) AS total FROM touches WHERE v > 2 GROUP BY 100 / v EMIT CHANGES;
