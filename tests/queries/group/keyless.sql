-- One group: SUM, AVG, MIN and MAX of nothing are NULL, COUNT is 0.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT COUNT(*) AS n, SUM(size) AS volume, AVG(size) AS mean, MIN(price) AS low, MAX(price) AS high, COUNT(DISTINCT symbol) AS symbols,
       SUM(size) FILTER (WHERE size < 0) AS none, COUNT(*) FILTER (WHERE size < 0) AS zero
FROM trades
