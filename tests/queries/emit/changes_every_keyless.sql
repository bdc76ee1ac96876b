-- One group: its state at every tick that it changed before.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT COUNT(*) AS n, SUM(size) AS volume, LAST(symbol) AS symbol FROM trades EMIT CHANGES EVERY 5s;
