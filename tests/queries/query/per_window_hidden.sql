-- The window is not among the columns of the subquery that is sorted by it.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n FROM (
  SELECT symbol FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND)
  GROUP BY symbol, window_start, window_end ORDER BY SUM(size) DESC, symbol LIMIT 1 PER WINDOW
) AS best GROUP BY symbol ORDER BY symbol
