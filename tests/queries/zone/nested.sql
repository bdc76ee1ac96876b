-- The same windows again, over all keys, and months apart filled.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, SUM(total) AS total, COUNT(*) AS keys FROM (
  SELECT k, window_start, window_end, SUM(v) AS total FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '7' DAY)
  AT TIME ZONE 'Europe/Berlin' GROUP BY k, window_start, window_end) GROUP BY window_start, window_end
