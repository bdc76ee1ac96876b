-- OVER over filled groups, and late rows of the windows below it.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, SUM(v) AS total, SUM(SUM(v)) OVER (PARTITION BY k ORDER BY window_start ROWS UNBOUNDED PRECEDING) AS running
FROM back GROUP BY k WINDOW TUMBLING(1s) FILL(0) LATE DATA INTO late
