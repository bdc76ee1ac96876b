-- Groups of groups: the second key goes through the exchange.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT n, COUNT(*) AS sides, MIN(side) AS side FROM (SELECT symbol, side, COUNT(*) AS n FROM trades GROUP BY symbol, side) GROUP BY n
