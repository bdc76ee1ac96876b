-- The frame written out for every function; rows that come too late for the order are left out.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS mean,
       MIN(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS low,
       MAX(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS high,
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 4 PRECEDING) AS volume,
       COUNT(*) OVER (PARTITION BY symbol ORDER BY ts ROWS 4 PRECEDING) AS n
FROM trades
