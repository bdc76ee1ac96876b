-- The windows of a subquery again, over all keys: their gaps are filled.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS keys, SUM(total) AS total FROM (
  SELECT k, window_start, window_end, SUM(v) AS total FROM HOP(TABLE gaps, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND) GROUP BY k, window_start, window_end)
GROUP BY window_start, window_end FILL(0, PREV)
