-- OVER beside GROUP BY: ranks of groups by their aggregates, NULL keys and sums among them.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, SUM(size) AS volume, RANK() OVER (ORDER BY SUM(size) DESC) AS place,
  ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, symbol) AS n, PERCENT_RANK() OVER (ORDER BY volume) AS share
FROM few GROUP BY symbol
