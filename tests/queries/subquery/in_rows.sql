-- Several values at once: true, false, and unknown where a NULL could be equal.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, (symbol, side) IN (SELECT symbol, venue FROM watch) AS found,
  (symbol, side) NOT IN (SELECT symbol, venue FROM watch) AS missing,
  (symbol, side) IN (SELECT symbol, venue FROM watch WHERE venue IS NOT NULL AND symbol IS NOT NULL) AS whole,
  (symbol, side) NOT IN (SELECT symbol, venue FROM watch WHERE most > 1000) AS of_none
FROM few
