-- Both sides get the type that they have together: DECIMALs of other scales, INT with BIGINT and DOUBLE.
CREATE TABLE vals (id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(20,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
INSERT INTO a SELECT price, price IN (SELECT most - 0.100 FROM watch), price > (SELECT MIN(most) FROM watch) FROM few;
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO b SELECT id, i IN (SELECT b FROM vals), b IN (SELECT n FROM vals), x IN (SELECT n FROM vals), x IN (SELECT x FROM vals), ts IN (SELECT ts FROM vals), d IN (SELECT d FROM vals) FROM vals
