-- Groups of groups without a key.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT COUNT(*) AS symbols, MAX(n) AS most, SUM(volume) AS volume FROM (SELECT symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol)
