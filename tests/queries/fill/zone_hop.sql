-- The windows of a zone between those that have rows.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM days WHERE v < 64 AND ts < TIMESTAMP '2025-04-01 00:00:00'
WINDOW SLIDING(16h, 8h) AT TIME ZONE 'America/New_York' FILL(0)
