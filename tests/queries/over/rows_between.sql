-- Frames that end before the current row; the first rows of a partition have an empty one.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, size, COUNT(*) OVER w AS n, COUNT(size) OVER w AS sizes, SUM(size) OVER w AS volume, AVG(price) OVER w AS mean,
       MIN(price) OVER w AS low, MAX(side) OVER w AS side,
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS before
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)
