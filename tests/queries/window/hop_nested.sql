-- Overlapping windows of overlapping windows, and all symbols of a window.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH s AS (SELECT symbol, window_start, window_end, window_time, COUNT(*) AS n, MAX(price) AS high
  FROM HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '4' SECOND) GROUP BY symbol, window_start, window_end),
t AS (SELECT window_start, window_end, window_time, SUM(n) AS n, COUNT(*) AS symbols, MAX(high) AS high FROM s GROUP BY window_start, window_end)
SELECT window_start, window_end, COUNT(*) AS windows, SUM(n) AS trades, MAX(symbols) AS symbols, MAX(high) AS high
FROM HOP(TABLE t, DESCRIPTOR(window_time), INTERVAL '4' SECOND, INTERVAL '8' SECOND) GROUP BY window_start, window_end
