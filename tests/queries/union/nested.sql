-- Unions within unions, under filters, aggregated in one query and together.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT what, COUNT(*) AS n, SUM(v) AS total FROM (
  SELECT what, v FROM (SELECT 'size' AS what, size AS v FROM few UNION ALL SELECT 'price', price FROM few) WHERE v > 50
  UNION ALL SELECT symbol, COUNT(*) FROM (SELECT symbol FROM few UNION ALL SELECT side FROM few WHERE side <> '') GROUP BY symbol
  UNION ALL (SELECT 'one', size FROM few UNION SELECT 'one', size FROM few)
) WHERE v <> 20 GROUP BY what
