-- Two bounded sources go by event time into one file, ties by declaration.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE parts (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-1.csv', 'csv.header' = 'true');
CREATE SINK both (kind VARCHAR, ts TIMESTAMP, symbol VARCHAR) WITH ('connector' = 'file', 'path' = '${OUT}/both.csv', 'format' = 'csv');
INSERT INTO both SELECT 'few', ts, symbol FROM few;
INSERT INTO both SELECT 'parts', ts, symbol FROM parts WHERE size < 100;
