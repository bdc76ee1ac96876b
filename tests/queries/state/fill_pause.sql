-- A pause of any length is no gap to fill once all keys are forgotten.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '300us';
SELECT window_start, k, SUM(v) AS total FROM touches GROUP BY k, TUMBLE(ts, INTERVAL '100' MICROSECOND) FILL(NULL);
