-- Weeks that grow by a day, and the windows again over both keys.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS keys, SUM(total) AS total FROM (
  SELECT k, window_start, window_end, SUM(v) AS total FROM CUMULATE(TABLE days, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '7' DAY)
  AT TIME ZONE 'Europe/Berlin' GROUP BY k, window_start, window_end) GROUP BY window_start, window_end
