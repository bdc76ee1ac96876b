-- A bar whose rows may come late by ten seconds can end behind the watermark by as much: windows over it stay open for it.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH bars AS (SELECT window_start AS since, window_time, SUM(v) AS total FROM back WINDOW BARS(TICKS 2) LATE DATA ALLOW 10s)
SELECT window_start, window_end, COUNT(*) AS bars, MIN(since) AS since, SUM(total) AS total
FROM TUMBLE(TABLE bars, DESCRIPTOR(window_time), INTERVAL '2' SECOND) GROUP BY window_start, window_end
