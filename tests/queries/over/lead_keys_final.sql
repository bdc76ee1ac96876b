-- LEADs over two keys beside a running OVER, in the order of time: all of them take whole partitions, late rows are out.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, side, size, LEAD(size, 2) OVER (PARTITION BY symbol, side ORDER BY ts) AS of_both, LEAD(size) OVER (ORDER BY ts) AS next,
       COUNT(*) OVER (ORDER BY ts) AS n
FROM trades
EMIT FINAL
