-- FILL(NULL): a count of no rows is NULL too, and an expression of NULLs.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, SUM(v) AS total, MAX(v) - MIN(v) AS spread, COUNT(*) AS n
FROM gaps GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) FILL (NULL)
