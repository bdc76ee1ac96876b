-- The same by hopping windows and another key than the bars', whose NULL is a key.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH bars AS (SELECT symbol, side, window_time, LAST(price) AS close
  FROM BARS(TABLE few PARTITION BY symbol, side, DESCRIPTOR(ts), TICKS 2) GROUP BY symbol, side, window_start, window_end)
SELECT side, window_start, window_end, COUNT(*) AS bars, LAST(symbol) AS symbol, LAST(close) AS close
FROM HOP(TABLE bars, DESCRIPTOR(window_time), INTERVAL '1' SECOND, INTERVAL '3' SECOND) GROUP BY side, window_start, window_end
