-- The three largest trades of each symbol, by QUALIFY; and the last of each by a subquery.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK largest WITH ('connector' = 'file', 'path' = '${OUT}/largest.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK latest WITH ('connector' = 'file', 'path' = '${OUT}/latest.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO largest SELECT symbol, size, ts, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY size DESC) AS n FROM trades QUALIFY n <= 3;
INSERT INTO latest SELECT symbol, price, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts DESC) AS n FROM trades) WHERE n = 1
