-- Late rows correct what depends on the order of rows too.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract');
INSERT INTO out SELECT window_start, window_end, COUNT(*) AS n, EMA(v, 0.5) AS ema, TWAP(v, ts) AS twap, MAX_DRAWDOWN(v) AS fall FROM back WINDOW SESSION(1s) LATE DATA PROCESS
