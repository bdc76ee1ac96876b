-- Without keys; HAVING holds of early and of final rows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, COUNT(*) AS n, SUM(size) AS volume FROM trades WINDOW TUMBLING(10s) HAVING COUNT(*) > 30 EMIT FINAL EARLY EVERY 3s
