-- QUALIFY beside GROUP BY and HAVING: the two largest of each side.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT side, symbol, SUM(size) AS volume FROM trades WHERE size > 20 GROUP BY side, symbol HAVING COUNT(*) > 5
QUALIFY ROW_NUMBER() OVER (PARTITION BY side ORDER BY SUM(size) DESC, symbol) <= 2
