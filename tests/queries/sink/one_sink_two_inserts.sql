-- Two INSERTs into one file: rows in source order, ties by statement.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK both (kind VARCHAR, symbol VARCHAR, value DECIMAL(12,2)) WITH ('connector' = 'file', 'path' = '${OUT}/both.csv', 'format' = 'csv');
INSERT INTO both SELECT 'price', symbol, price FROM few;
INSERT INTO both (value, kind) SELECT SUM(size), 'volume' FROM few GROUP BY symbol;
