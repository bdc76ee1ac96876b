-- EXPLAIN of frames of whole partitions beside ranks and running frames.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, SUM(size) OVER (PARTITION BY symbol) AS whole, SUM(size) OVER (PARTITION BY symbol ORDER BY ts) AS so_far, AVG(price) OVER w AS around,
  RANK() OVER (PARTITION BY symbol ORDER BY price DESC) AS rank, FIRST_VALUE(side) OVER (PARTITION BY symbol ORDER BY price DESC) AS first,
  COUNT(*) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND INTERVAL '500' MILLISECOND FOLLOWING) AS near,
  COUNT(*) OVER (ORDER BY price NULLS FIRST RANGE BETWEEN 0.5 PRECEDING AND UNBOUNDED FOLLOWING) AS near_price, COUNT(*) OVER (ORDER BY side GROUPS 1 PRECEDING) AS near_side
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY price DESC, ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
