-- Shares of a window's groups: their partition is complete when the window closes.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, volume, SUM(volume) OVER w AS total, COUNT(*) OVER w AS symbols, FIRST_VALUE(symbol) OVER best AS best,
  SUM(volume) OVER (PARTITION BY window_start, window_end ORDER BY volume DESC, symbol ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS neighbours
FROM (
  SELECT window_start, window_end, symbol, SUM(size) AS volume FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND)
  GROUP BY window_start, window_end, symbol)
WINDOW w AS (PARTITION BY window_start, window_end), best AS (PARTITION BY window_start, window_end ORDER BY volume DESC, symbol)
