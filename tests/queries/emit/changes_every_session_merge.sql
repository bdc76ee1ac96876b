-- A session's last state before each tick, whatever it grew by: what is over within a tick is told at it.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM back GROUP BY k WINDOW SESSION(2s) EMIT CHANGES EVERY 5s
