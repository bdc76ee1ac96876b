-- EXPLAIN shows where the queries of a union meet.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, COUNT(*) AS n FROM (SELECT symbol, size FROM few UNION ALL SELECT symbol, size FROM trades WHERE side = 'B') WHERE size > 5 GROUP BY symbol
