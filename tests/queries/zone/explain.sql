-- What EXPLAIN says of days.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT k, window_start, window_end, COUNT(*) AS n
FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '9:30' HOUR TO MINUTE) AT TIME ZONE 'America/New_York'
GROUP BY k, window_start, window_end
