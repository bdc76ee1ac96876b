-- Rows sorted up to the watermark; RANGE frames take in all peers, late rows are counted; a second key sorts again.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, side, size, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) AS n, LAG(ts) OVER (PARTITION BY symbol ORDER BY ts) AS before,
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND CURRENT ROW) AS second,
       COUNT(*) OVER (PARTITION BY side ORDER BY ts) AS of_side
FROM trades
EMIT FINAL
