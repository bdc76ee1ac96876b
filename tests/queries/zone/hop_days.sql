-- Every two days of New York that follow each other, 47 hours where clocks go forward and 49 where they go back.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM HOP(TABLE days, DESCRIPTOR(ts), INTERVAL '1' DAY, INTERVAL '2' DAY) AT TIME ZONE 'America/New_York' GROUP BY k, window_start, window_end
