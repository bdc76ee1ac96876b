-- Windows of four different keys in one query: one operator each, with exchanges between them.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, size, SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 3 PRECEDING) AS by_symbol,
       SUM(size) OVER (PARTITION BY side ORDER BY ts ROWS 3 PRECEDING) AS by_side,
       ROW_NUMBER() OVER (PARTITION BY side, symbol ORDER BY ts) AS of_both,
       COUNT(*) OVER (ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS of_all,
       MAX(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 9 PRECEDING AND 5 PRECEDING) AS other_frame
FROM trades
