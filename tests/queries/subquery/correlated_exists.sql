-- A semi and an anti join by equality; the key of a NULL finds nothing.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.symbol, f.side, EXISTS (SELECT 1 FROM watch AS w WHERE w.symbol = f.symbol) AS by_symbol,
  EXISTS (SELECT 1 FROM watch AS w WHERE f.side = w.venue AND w.symbol = f.symbol AND w.most > 101.5) AS by_both,
  NOT EXISTS (SELECT 1 FROM watch AS w WHERE w.venue = NULLIF(f.side, 'S')) AS missing
FROM few AS f
