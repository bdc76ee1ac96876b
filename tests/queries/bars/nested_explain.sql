-- Bars below a window are whole ones.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN WITH bars AS (SELECT symbol, window_time, LAST(price) AS close
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), DOLLAR 1e5, price, size) GROUP BY symbol, window_start, window_end)
SELECT window_start, COUNT(*) AS bars
FROM TUMBLE(TABLE bars, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY window_start, window_end
