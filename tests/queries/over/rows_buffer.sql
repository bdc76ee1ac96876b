-- The same by the other spelling: a buffer of 5 rows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, AVG(price) OVER (ROWS WINDOW BUFFER 5 ROWS PARTITION BY symbol ORDER BY ts) AS mean,
       MIN(price) OVER (ROWS WINDOW BUFFER 5 ROWS PARTITION BY symbol ORDER BY ts) AS low,
       MAX(price) OVER (ROWS WINDOW BUFFER 5 ROWS PARTITION BY symbol ORDER BY ts) AS high,
       SUM(size) OVER (ROWS WINDOW BUFFER 5 ROWS PARTITION BY symbol ORDER BY ts) AS volume,
       COUNT(*) OVER (ROWS WINDOW BUFFER 5 ROWS PARTITION BY symbol ORDER BY ts) AS n
FROM trades
