-- EXPLAIN shows what runs before the job.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol FROM few AS f WHERE symbol IN (SELECT symbol FROM watch) AND price > (SELECT AVG(most) FROM watch)
  AND EXISTS (SELECT 1 FROM watch AS w WHERE w.symbol = f.symbol AND w.most > 1) AND NOT EXISTS (SELECT 1 FROM watch WHERE most > 9)
