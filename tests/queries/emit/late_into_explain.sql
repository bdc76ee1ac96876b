-- The plan of late rows is shown behind that of the others.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT window_start, symbol, COUNT(*) AS n FROM trades WHERE size > 20 GROUP BY symbol WINDOW TUMBLING(1s) LATE DATA ALLOW 1s INTO late
