-- A literal is read by a clock in the session's zone, unless it names an offset.
SET 'timezone' = 'America/New_York';
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, v, TIMESTAMP_LTZ '2025-03-09 03:00:00' AS local, timestamp_ltz '2025-03-09 03:00:00Z' AS utc
FROM days WHERE CAST(ts AS TIMESTAMP_LTZ) BETWEEN TIMESTAMP_LTZ '2025-03-09 00:00:00' AND TIMESTAMP_LTZ '2025-03-09 03:00:00'
