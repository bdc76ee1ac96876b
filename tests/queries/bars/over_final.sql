-- Bars of all symbols in the order of their ends: complete ones.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_end, n, SUM(n) OVER (ORDER BY window_time) AS trades, LAG(symbol) OVER (ORDER BY window_time) AS before FROM (
  SELECT symbol, window_end, window_time, COUNT(*) AS n
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), TICKS 20) GROUP BY symbol, window_start, window_end) EMIT FINAL
