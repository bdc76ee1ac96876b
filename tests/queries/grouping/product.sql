-- Several elements: every set of the one with every set of the other.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT side, size > 50 AS large, symbol = 'AAPL' AS apple, GROUPING(side) AS g, COUNT(*) AS n
FROM few GROUP BY side, ROLLUP (2), CUBE (3) ORDER BY 1, 2, 3, 4, 5
