-- Keys are expressions, and so are results over keys and aggregates.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT SUBSTRING(symbol FROM 1 FOR 1) AS letter, size / 100 AS hundreds, COUNT(*) * 2 AS twice, MAX(price) - MIN(price) AS spread
FROM trades GROUP BY SUBSTRING(symbol FROM 1 FOR 1), size / 100
