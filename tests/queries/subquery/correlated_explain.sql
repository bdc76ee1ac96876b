-- EXPLAIN: values by key, what they are of no rows, and rows of several values.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT f.symbol FROM few AS f
WHERE f.price > (SELECT MAX(w.most) FROM watch AS w WHERE w.symbol = f.symbol)
  AND (f.symbol, f.side) NOT IN (SELECT symbol, venue FROM watch)
  AND (f.side, f.size) IN (SELECT venue, 100 FROM watch AS w WHERE w.symbol = f.symbol)
