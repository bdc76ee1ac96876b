-- Over groups: the groups' keys and aggregates compare with subqueries.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n, MAX(price) AS high, MAX(price) > (SELECT MAX(most) FROM watch) AS above FROM trades
GROUP BY symbol HAVING symbol IN (SELECT symbol FROM watch) AND COUNT(*) > (SELECT COUNT(*) FROM watch) AND EXISTS (SELECT 1 FROM watch WHERE watch.symbol = trades.symbol)
ORDER BY symbol
