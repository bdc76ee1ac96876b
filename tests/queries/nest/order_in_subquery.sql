-- ORDER BY and LIMIT in subqueries, CTEs and views: the first rows of all, whatever is made of them.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW large AS SELECT symbol, size, price FROM trades ORDER BY size DESC, ts LIMIT 20;
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, COUNT(*) AS n, SUM(size) AS volume, STRING_AGG(CAST(size AS VARCHAR), ' ') AS sizes FROM large GROUP BY symbol EMIT FINAL;
INSERT INTO b WITH top AS (SELECT symbol, SUM(size) AS volume FROM trades GROUP BY symbol ORDER BY volume DESC LIMIT 3) SELECT symbol || '!' AS s, volume FROM top WHERE volume > 1;
INSERT INTO c SELECT COUNT(*), MAX(symbol) FROM (SELECT symbol FROM trades WHERE side = 'B' LIMIT 7) EMIT FINAL;
INSERT INTO d SELECT symbol, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY price DESC) AS n FROM (SELECT * FROM large ORDER BY price LIMIT 5)
