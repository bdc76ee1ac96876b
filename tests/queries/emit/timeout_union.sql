-- One TIMEOUT for the windows of a union's queries and those on top: the input ends before it.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH w AS (SELECT symbol, window_time, COUNT(*) AS n FROM trades WHERE size > 300 GROUP BY symbol WINDOW TUMBLING(1s)
  UNION ALL SELECT symbol, window_time, COUNT(*) AS n FROM few GROUP BY symbol WINDOW TUMBLING(2s))
SELECT window_start, SUM(n) AS n, COUNT(DISTINCT symbol) AS symbols FROM TUMBLE(TABLE w, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY window_start, window_end EMIT FINAL TIMEOUT 10m
