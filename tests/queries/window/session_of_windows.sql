-- Sessions of windows: consecutive seconds with trades.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH s AS (SELECT symbol, window_start, window_end, window_time, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end)
SELECT symbol, window_start, window_end, COUNT(*) AS seconds, SUM(n) AS trades FROM SESSION(TABLE s PARTITION BY symbol, DESCRIPTOR(window_time), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end
