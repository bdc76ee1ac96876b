-- OVER with EMIT FINAL sorts rows; those that come too late for it have no window.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late (watermark TIMESTAMP, late_by BIGINT, window_start TIMESTAMP, symbol VARCHAR, size DOUBLE)
  WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, LAG(ts) OVER (PARTITION BY symbol ORDER BY ts) AS before FROM trades EMIT FINAL LATE DATA INTO late
