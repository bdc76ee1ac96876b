-- A statement of its own LIMIT ends, the other goes on.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK few WITH ('connector' = 'file', 'path' = '${OUT}/few.csv', 'format' = 'csv');
INSERT INTO few SELECT symbol FROM trades LIMIT 3;
SELECT COUNT(*) AS n FROM trades;
