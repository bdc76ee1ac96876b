-- Early results of cumulating windows; EVERY does not divide them.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, symbol, COUNT(*) AS n, AVG(price) AS mean FROM trades GROUP BY symbol WINDOW CUMULATING(2s, 6s) EMIT ON WINDOW CLOSE EARLY EVERY 700ms
