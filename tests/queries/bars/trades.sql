-- Dollar bars of every symbol, in doubles: TWAP weighs the last price until the bar's end.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume, TWAP(price, ts) AS twap, STDDEV(price) AS deviation
FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), DOLLAR 1e6, CAST(price AS DOUBLE), size)
GROUP BY symbol, window_start, window_end
