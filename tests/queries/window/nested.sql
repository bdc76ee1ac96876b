-- Ten-second bars of one-second bars: a row of a window has its window_time.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH second AS (SELECT symbol, window_time, COUNT(*) AS n, MAX(price) AS high
  FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end, window_time)
SELECT window_start, symbol, COUNT(*) AS seconds, SUM(n) AS trades, MAX(high) AS high
FROM TUMBLE(TABLE second, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY window_start, window_end, symbol
