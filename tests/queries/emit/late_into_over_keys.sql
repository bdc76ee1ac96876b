-- A second key sorts again: rows are late once.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, LAG(ts) OVER (PARTITION BY symbol ORDER BY ts) AS a, LAG(ts) OVER (PARTITION BY side ORDER BY ts) AS b FROM trades WHERE size > 20 EMIT FINAL LATE DATA ALLOW 100ms INTO late
