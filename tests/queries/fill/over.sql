-- A change from second to second, quiet ones too.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, total, total - LAG(total) OVER (PARTITION BY k) AS change FROM (
  SELECT k, window_start, SUM(v) AS total FROM gaps GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) FILL(PREV))
