-- Between two windows of a key lies a line as long as they are not farther apart than 15 s.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '15s';
SELECT window_start, k, SUM(v) AS total FROM touches GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND) FILL(LINEAR) LATE DATA ALLOW 20s;
