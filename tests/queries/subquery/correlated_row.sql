-- A column of the one row of a key, by two keys; NULL where there is none, and where it is NULL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.symbol, f.side, f.size,
  (SELECT note FROM watch AS w WHERE w.symbol = f.symbol AND w.venue = f.side) AS note,
  (SELECT most FROM watch AS w WHERE w.venue = f.side AND w.symbol = f.symbol) AS most,
  (SELECT DISTINCT w.symbol FROM watch AS w WHERE w.symbol = f.symbol) AS known
FROM few AS f
