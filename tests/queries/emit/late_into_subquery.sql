-- The rows of a subquery are what is late: its columns.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, s, COUNT(*) AS n FROM (SELECT ts, LOWER(symbol) AS s, size * 2 AS twice FROM trades WHERE side = 'B') GROUP BY s WINDOW TUMBLING(1s) LATE DATA INTO late
