-- A file is never silent: TIMEOUT changes nothing, beside ALLOW.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW SESSION(1s) EMIT FINAL TIMEOUT 10m LATE DATA ALLOW 1s
