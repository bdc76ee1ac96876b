-- FILL(NONE) fills nothing.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, COUNT(*) AS n FROM gaps GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) FILL(NONE)
