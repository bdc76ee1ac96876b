-- The last window is the last that has a row behind WHERE.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, COUNT(*) AS n FROM gaps WHERE k <> 'C' GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) FILL(0)
