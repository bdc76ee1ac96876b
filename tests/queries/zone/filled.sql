-- A row for each fortnight there, also for those that are an hour shorter or longer.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '14' DAY)
  AT TIME ZONE 'America/New_York' GROUP BY window_start, window_end FILL(0)
