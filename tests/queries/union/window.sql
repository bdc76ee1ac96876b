-- A window over two tables by their common time; late rows of each are late.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, SUM(size) AS volume
FROM TUMBLE(TABLE (SELECT ts, symbol, size FROM few UNION ALL SELECT ts, symbol, size FROM trades WHERE symbol <> 'TSLA'), DESCRIPTOR(ts), INTERVAL '2' SECOND)
GROUP BY window_start, window_end, symbol
