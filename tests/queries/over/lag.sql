-- LAG by one row, by three with a default, and the change since the row before; NULLs in the frame.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, price, LAG(price) OVER (PARTITION BY symbol ORDER BY ts) AS before,
       LAG(size, 2, -1) OVER (PARTITION BY symbol ORDER BY ts) AS second_before,
       price - LAG(price) OVER (PARTITION BY symbol ORDER BY ts) AS change,
       COUNT(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING) AS sizes,
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING) AS volume
FROM few
