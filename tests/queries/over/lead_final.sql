-- LEAD in the order of time: late rows are counted, the others have the next row by time; a second key is sorted again.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, size, LEAD(ts) OVER (PARTITION BY symbol ORDER BY ts) AS next, LEAD(size, 3) OVER (PARTITION BY symbol ORDER BY ts) AS third,
       COUNT(*) OVER (PARTITION BY side ORDER BY ts) AS of_side
FROM trades
EMIT FINAL
