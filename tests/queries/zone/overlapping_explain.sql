-- What overlaps by a zone.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT k, window_start, COUNT(*) AS n FROM CUMULATE(TABLE days, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY, INTERVAL '9:30' HOUR TO MINUTE) AT TIME ZONE 'America/New_York' GROUP BY k, window_start, window_end
