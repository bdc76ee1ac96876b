-- FILTER and DISTINCT inside aggregates.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) FILTER (WHERE side = 'B') AS buys, SUM(size) FILTER (WHERE side = 'S' AND price > 100) AS sold,
       COUNT(DISTINCT side) AS sides, COUNT(DISTINCT size / 100) AS classes, SUM(DISTINCT size / 100) AS class_sum
FROM trades GROUP BY symbol
