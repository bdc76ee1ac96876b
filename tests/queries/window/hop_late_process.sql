-- PROCESS: a late row corrects each of its windows that has closed.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract', 'late.retention' = '4s');
INSERT INTO out SELECT window_start, symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol WINDOW SLIDING(4s, 2s) LATE DATA PROCESS
