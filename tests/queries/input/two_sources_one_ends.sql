-- The watermark is the lesser one until the first source ends; from its last record on it is the other's alone,
-- whenever the end was heard of.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE parts (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-2.csv', 'csv.header' = 'true');
CREATE SINK first WITH ('connector' = 'file', 'path' = '${OUT}/first.csv', 'format' = 'csv');
CREATE SINK second WITH ('connector' = 'file', 'path' = '${OUT}/second.csv', 'format' = 'csv');
INSERT INTO first SELECT window_start, COUNT(*) AS n FROM few GROUP BY symbol WINDOW TUMBLING(1s);
INSERT INTO second SELECT window_start, symbol, COUNT(*) AS n FROM parts GROUP BY symbol WINDOW TUMBLING(100ms);
