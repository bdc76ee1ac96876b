-- ALLOW: early results go on until the window is final, behind its end.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, symbol, COUNT(*) AS n, AVG(price) AS mean FROM trades GROUP BY symbol WINDOW TUMBLING(2s) EMIT FINAL EARLY EVERY 1s LATE DATA ALLOW 1s
