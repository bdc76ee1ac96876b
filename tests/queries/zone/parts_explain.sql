-- The plan names the zone.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE days, DESCRIPTOR(ts), INTERVAL '2' HOUR, INTERVAL '30' MINUTE) AT TIME ZONE 'America/New_York'
GROUP BY window_start, window_end
