-- EXISTS of rows, whatever they hold.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, EXISTS (SELECT NULL FROM watch WHERE venue IS NULL) AS yes, NOT EXISTS (SELECT * FROM watch WHERE most > 1000) AS none
FROM few WHERE EXISTS (SELECT 1 FROM watch) AND NOT EXISTS (SELECT 1 FROM watch WHERE symbol = side)
