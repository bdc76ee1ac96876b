-- COALESCE, NVL, NULLIF, IF, GREATEST and LEAST, which skip NULLs.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT COALESCE(side, '-') AS side, NVL(size, 0) AS size, NULLIF(size, 100) AS not_100,
       IF(price > 200, 'dear', 'cheap') AS class, GREATEST(price, 102) AS at_least, LEAST(price, 102, NULL) AS at_most
FROM few
