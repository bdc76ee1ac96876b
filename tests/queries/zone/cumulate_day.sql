-- The day so far every six hours: that of the change to summer time is 23 hours long.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, SUM(v) AS total
FROM days GROUP BY k WINDOW CUMULATING(6h, 1d) AT TIME ZONE 'America/New_York'
