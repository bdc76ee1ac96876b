-- Only the first row of each key: a key that was away for more than 10 s comes once more.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT ts, k, v FROM touches QUALIFY ROW_NUMBER() OVER (PARTITION BY k) = 1;
