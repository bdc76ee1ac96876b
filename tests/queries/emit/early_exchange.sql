-- Rows reach their groups by an exchange; DISTINCT values in overlapping windows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, 100 / (size - 20) AS k, COUNT(DISTINCT symbol) AS n FROM trades WHERE size > 20 AND size < 80 GROUP BY 100 / (size - 20) WINDOW SLIDING(6s, 3s) EMIT FINAL EARLY EVERY 2s
