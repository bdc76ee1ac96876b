-- ALLOW keeps overlapping windows open: late for some of them, a row counts for the others.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol WINDOW SLIDING(4s, 2s) LATE DATA ALLOW 1s
