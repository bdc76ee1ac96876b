-- WARN with a retention of 3 s: rows later than that are dropped.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract', 'late.retention' = '3s');
INSERT INTO out SELECT window_start, symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol WINDOW TUMBLING(1s) LATE DATA WARN
