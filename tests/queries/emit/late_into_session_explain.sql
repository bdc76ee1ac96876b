-- The gate of the table of late rows keeps the bounds of sessions.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM back GROUP BY k WINDOW SESSION(2s) EMIT FINAL EARLY EVERY 2s LATE DATA INTO late
