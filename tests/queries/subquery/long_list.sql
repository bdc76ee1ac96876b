-- A list that is hashed: more values than are searched by halves.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n, SUM(CASE WHEN size IN (SELECT size FROM trades WHERE symbol = 'AAPL') THEN 1 ELSE 0 END) AS shared,
  SUM(CASE WHEN CAST(price AS VARCHAR) IN (SELECT CAST(price AS VARCHAR) FROM trades WHERE side = 'B') THEN 1 ELSE 0 END) AS bought,
  SUM(CASE WHEN price NOT IN (SELECT price FROM trades WHERE size < 250) THEN 1 ELSE 0 END) AS large
FROM trades GROUP BY symbol
