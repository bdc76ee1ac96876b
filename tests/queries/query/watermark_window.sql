-- Watermarks in a window, which closes on them too.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_end, MIN(CURRENT_WATERMARK) AS least, MAX(_watermark) AS most, COUNT(CURRENT_WATERMARK) AS n
FROM TUMBLE(TABLE back, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY k, window_start, window_end