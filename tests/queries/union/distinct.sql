-- UNION gives each row once, NULL among them; ALL behind it keeps all.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, side FROM few UNION SELECT side, symbol FROM few UNION DISTINCT SELECT NULL, NULL FROM few;
INSERT INTO b SELECT symbol FROM few UNION SELECT symbol FROM few UNION ALL SELECT symbol FROM few WHERE size > 100;
INSERT INTO c SELECT size FROM few UNION ALL SELECT size FROM few UNION SELECT price FROM few WHERE price < 102 EMIT FINAL
