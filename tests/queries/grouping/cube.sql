-- CUBE: every subset; HAVING, and expressions over keys that are left out.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT COALESCE(symbol, 'all') || '/' || COALESCE(side, '-') AS name, GROUPING(symbol) + GROUPING(side) AS level, COUNT(*) AS n, MAX(price) AS high
FROM few GROUP BY CUBE (symbol, side) HAVING COUNT(*) > 1 OR GROUPING(symbol) = 1 ORDER BY level DESC, name, n
