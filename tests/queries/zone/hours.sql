-- Hours of the clock there: the one that comes twice is two windows, the one that does not come is none.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '1' HOUR) AT TIME ZONE 'America/New_York'
GROUP BY window_start, window_end
