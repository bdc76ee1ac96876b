-- An aggregate over two tables, with and without keys, WHERE on top, HAVING.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW both AS SELECT symbol, size, price, side FROM few UNION ALL SELECT symbol, size, price, 'T' FROM trades WHERE size > 50;
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, COUNT(*) AS n, SUM(size) AS volume, MAX(price) AS high FROM both WHERE size > 10 GROUP BY symbol HAVING COUNT(*) > 1 EMIT FINAL;
INSERT INTO b SELECT COUNT(*), SUM(size), MIN(side), FIRST(symbol), LAST(symbol) FROM both EMIT FINAL;
INSERT INTO c SELECT side, COUNT(*) AS n FROM both WHERE price > 400 GROUP BY side
