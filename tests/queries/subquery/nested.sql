-- Subqueries in subqueries, CTEs of the query around them, a union, a view.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW dear AS SELECT symbol FROM watch WHERE most >= (SELECT MAX(most) FROM watch);
WITH low AS (SELECT symbol, most FROM watch WHERE most < 200)
SELECT symbol, price, (SELECT MIN(most) FROM low WHERE symbol IN (SELECT symbol FROM few)) AS least FROM few
WHERE symbol IN (SELECT symbol FROM dear UNION ALL SELECT symbol FROM low WHERE symbol NOT IN (SELECT side FROM few))
