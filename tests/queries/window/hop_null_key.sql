-- A NULL key and NULL values under overlapping windows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, NULLIF(symbol, 'ACME') AS k, COUNT(*) AS n, COUNT(NULLIF(side, 'B')) AS sells, SUM(NULLIF(size, 100)) AS volume FROM trades GROUP BY NULLIF(symbol, 'ACME'), HOP(ts, 3s, 6s)
