-- A second key: windows by symbol, then all symbols of a window through the exchange.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, SUM(n) AS trades, MAX(volume) AS largest, COUNT(*) AS symbols FROM (
  SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume
  FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end)
GROUP BY window_start, window_end
