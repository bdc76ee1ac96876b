-- What traders ask of bars: the return from bar to bar, the average of three closes, the range of the last ten seconds.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_end, close, close - LAG(close) OVER w AS change, ROW_NUMBER() OVER w AS bar,
       AVG(close) OVER (PARTITION BY symbol ORDER BY window_time ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS average,
       MAX(high) OVER last - MIN(low) OVER last AS width FROM (
  SELECT symbol, window_end, window_time, MAX(price) AS high, MIN(price) AS low, LAST(price) AS close
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), TICKS 15) GROUP BY symbol, window_start, window_end)
WINDOW w AS (PARTITION BY symbol ORDER BY window_time),
       last AS (PARTITION BY symbol ORDER BY window_time RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)
