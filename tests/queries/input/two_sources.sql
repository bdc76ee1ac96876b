-- Two bounded sources go by event time, so that their watermark is one; each has its file.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE parts (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-1.csv', 'csv.header' = 'true');
CREATE SINK first (kind VARCHAR, ts TIMESTAMP, symbol VARCHAR) WITH ('connector' = 'file', 'path' = '${OUT}/first.csv', 'format' = 'csv');
CREATE SINK second WITH ('connector' = 'file', 'path' = '${OUT}/second.csv', 'format' = 'csv');
INSERT INTO first SELECT 'few', ts, symbol FROM few;
INSERT INTO second SELECT window_start, symbol, COUNT(*) AS n FROM parts GROUP BY symbol WINDOW TUMBLING(1s);
