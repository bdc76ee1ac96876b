-- The one partition without keys is forgotten while other rows move the watermark.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10s';
SELECT ts, v, ROW_NUMBER() OVER () AS number, SUM(v) OVER (ORDER BY ts) AS total FROM touches WHERE k <> 'a';
