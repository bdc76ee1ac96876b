-- The return from bar to bar: LAG over bars in the order in which they end.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_end, close, close - LAG(close) OVER (PARTITION BY symbol) AS change FROM (
  SELECT symbol, window_start, window_end, LAST(price) AS close
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), TICKS 25) GROUP BY symbol, window_start, window_end)
