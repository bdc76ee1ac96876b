-- Each key has a row in every second from its first to the last that any key has; NULL is a key.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, SUM(v) AS total, COUNT(*) AS n, LAST(name) AS name FROM TUMBLE(TABLE gaps, DESCRIPTOR(ts), INTERVAL '1' SECOND)
GROUP BY k, window_start, window_end FILL (PREV)
