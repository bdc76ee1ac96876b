-- GROUPING of a plain GROUP BY is 0, and GROUP BY () is one group, of no rows too.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, GROUPING(symbol) AS g, COUNT(*) AS n FROM few GROUP BY symbol EMIT FINAL;
INSERT INTO b SELECT COUNT(*) AS n FROM few WHERE size > 10000 GROUP BY () EMIT FINAL;
INSERT INTO c SELECT symbol, COUNT(*) AS n FROM few WHERE size > 10000 GROUP BY ROLLUP (symbol) EMIT FINAL
