-- Two halves of a day in a row, from half past nine.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM HOP(TABLE days, DESCRIPTOR(ts), INTERVAL '12' HOUR, INTERVAL '1' DAY, INTERVAL '9:30' HOUR TO MINUTE) AT TIME ZONE 'America/New_York' GROUP BY window_start, window_end
