-- Days of New York: 23 hours when clocks go forward, 25 when they go back.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '1' DAY) AT TIME ZONE 'America/New_York' GROUP BY k, window_start, window_end
