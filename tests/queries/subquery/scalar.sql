-- One value: of an aggregate, of a row, of none.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, price - (SELECT AVG(most) FROM watch WHERE symbol = 'AAPL') AS above,
  (SELECT note FROM watch ORDER BY most DESC LIMIT 1) AS dearest,
  (SELECT note FROM watch WHERE symbol = 'nobody') AS nothing, (SELECT COUNT(*) FROM watch WHERE most > 1000) AS none
FROM few WHERE price > (SELECT AVG(most) FROM watch WHERE most < 200)
