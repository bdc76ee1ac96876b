-- A row is late when the last of its windows is closed; that window is shown.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late (watermark TIMESTAMP, late_by BIGINT, window_start TIMESTAMP, symbol VARCHAR, size DOUBLE)
  WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n FROM trades WHERE size > 20 GROUP BY symbol WINDOW SLIDING(1s, 250ms) LATE DATA INTO late
