-- Windows over bars: a bar is in the one that holds its window_time; what the end of the input finds open is in none.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH bars AS (SELECT symbol, window_time, LAST(price) AS close, SUM(size) AS volume
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), TICKS 5) GROUP BY symbol, window_start, window_end)
SELECT symbol, window_start, COUNT(*) AS bars, FIRST(close) AS first, LAST(close) AS last, SUM(volume) AS volume
FROM TUMBLE(TABLE bars, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY symbol, window_start, window_end
