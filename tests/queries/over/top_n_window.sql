-- The two symbols with the greatest volume of each window, when it closes; no column of the rank is selected.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, volume FROM (
  SELECT window_start, window_end, symbol, SUM(size) AS volume FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND)
  GROUP BY window_start, window_end, symbol)
QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY volume DESC) <= 2
