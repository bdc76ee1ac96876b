-- HAVING sees the filled rows too.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, SUM(v) AS total, COUNT(*) AS n FROM gaps GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) FILL(PREV, 0) HAVING COUNT(*) = 0
