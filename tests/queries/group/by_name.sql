-- Every aggregate over a key that may be NULL; they skip NULLs.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n, COUNT(size) AS sizes, SUM(size) AS volume, AVG(size) AS mean_size, AVG(price) AS mean, MIN(price) AS low, MAX(price) AS high
FROM few GROUP BY symbol
