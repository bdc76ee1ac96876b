-- ORDER BY and LIMIT over a union, of it in a subquery, and of its queries.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol AS s, size AS n FROM few UNION ALL SELECT symbol, size FROM trades WHERE size > 490 ORDER BY n DESC, s LIMIT 6;
INSERT INTO b SELECT symbol, size FROM few UNION ALL SELECT symbol, size FROM trades LIMIT 5;
INSERT INTO c SELECT s, COUNT(*) FROM (SELECT symbol AS s, size FROM few UNION ALL SELECT symbol, size FROM trades ORDER BY size DESC LIMIT 9) GROUP BY s EMIT FINAL;
INSERT INTO d (SELECT symbol, size FROM trades ORDER BY size DESC LIMIT 2) UNION ALL (SELECT symbol, size FROM few ORDER BY size LIMIT 2)
