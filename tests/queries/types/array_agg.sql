-- ARRAY_AGG keeps source order and NULLs; DISTINCT and FILTER; NULL of no row.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, ARRAY_AGG(price) AS prices, ARRAY_AGG(DISTINCT side) AS sides, ARRAY_AGG(size) FILTER (WHERE size > 100) AS big, CARDINALITY(ARRAY_AGG(ts)) AS n, ARRAY_AGG(NULLIF(side, 'B'))[1] AS first, ARRAY_AGG(ts) AS times
FROM few GROUP BY symbol
