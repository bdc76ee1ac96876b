-- DISTINCT, a second key and top-N over a union.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW both AS SELECT ts, symbol, size FROM few UNION ALL SELECT ts, symbol, size FROM trades;
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT DISTINCT symbol FROM both;
INSERT INTO b SELECT n, COUNT(*) FROM (SELECT symbol, COUNT(*) AS n FROM both GROUP BY symbol) GROUP BY n EMIT FINAL;
INSERT INTO c SELECT symbol, size FROM both QUALIFY ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY size DESC) = 1
