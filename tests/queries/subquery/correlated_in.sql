-- IN among the rows of a key: true, false, and unknown where the key has a NULL.
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.symbol, f.side, f.side IN (SELECT venue FROM watch AS w WHERE w.symbol = f.symbol) AS found,
  f.side NOT IN (SELECT venue FROM watch AS w WHERE w.symbol = f.symbol) AS missed,
  NULLIF(f.side, 'S') IN (SELECT venue FROM watch AS w WHERE w.symbol = f.symbol AND venue IS NOT NULL) AS of_null
FROM few AS f
