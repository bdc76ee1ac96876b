-- INTERSECT binds tighter, the others go from left to right; WITH and the last clauses are of the whole.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH a AS (SELECT symbol FROM few)
SELECT symbol FROM a WHERE symbol <> 'MSFT'
UNION SELECT 'x' || side FROM few
EXCEPT SELECT symbol FROM a INTERSECT SELECT symbol FROM few WHERE size = 1
MINUS (SELECT 'xS' FROM few)
UNION ALL SELECT symbol FROM a WHERE symbol = 'AAPL'
ORDER BY symbol LIMIT 8 OFFSET 1
