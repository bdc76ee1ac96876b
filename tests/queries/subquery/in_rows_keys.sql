-- The same among the rows of a key, of three values, of expressions and a constant.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.symbol, f.side,
  (f.price > 102, f.side) IN (SELECT w.most > 102, w.venue FROM watch AS w WHERE w.symbol = f.symbol) AS dear,
  (f.symbol, f.side, f.size / 100) IN (SELECT symbol, venue, 1 FROM watch) AS hundred,
  ('AAPL', f.side) NOT IN (SELECT symbol, venue FROM watch WHERE symbol = 'AAPL') AS other
FROM few AS f WHERE (f.symbol, f.size) NOT IN (SELECT symbol, 7 FROM watch WHERE symbol IS NOT NULL) OR f.size = 7
