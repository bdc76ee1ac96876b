-- EMIT FINAL sorts the rows of an OVER by time; rows too late for that are dropped in each query.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, COUNT(*) OVER (PARTITION BY symbol ORDER BY ts ROWS UNBOUNDED PRECEDING) AS n
FROM (SELECT ts, symbol FROM few UNION ALL SELECT ts, symbol FROM trades WHERE symbol = 'AAPL') EMIT FINAL
