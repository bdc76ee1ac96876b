-- SELECT DISTINCT over OVER, and over OVER beside GROUP BY.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT DISTINCT side, NTILE(3) OVER (PARTITION BY symbol ORDER BY size) AS third FROM trades EMIT FINAL;
INSERT INTO b SELECT DISTINCT RANK() OVER (PARTITION BY symbol ORDER BY COUNT(*) DESC) AS place FROM trades GROUP BY symbol, side EMIT FINAL
