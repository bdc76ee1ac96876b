-- ROLLUP: every prefix of the keys. GROUPING tells a key that is left out from one that is NULL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, GROUPING(symbol, side) AS g, GROUPING(side) AS gs, COUNT(*) AS n, SUM(size) AS volume
FROM few GROUP BY ROLLUP (symbol, side) ORDER BY g, symbol, side
