-- Weeks, late rows allowed for a day; UTC is like no zone.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM TUMBLE(days, ts, 7d) AT TIME ZONE 'UTC' GROUP BY window_start, window_end LATE DATA ALLOW 1d
