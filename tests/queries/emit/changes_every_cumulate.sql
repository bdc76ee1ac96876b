-- EVERY with cumulating windows, beside a table of late rows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv');
SELECT window_start, window_end, symbol, COUNT(*) AS n, AVG(price) AS mean FROM trades GROUP BY symbol WINDOW CUMULATING(2s, 4s) EMIT CHANGES EVERY 2s LATE DATA INTO late
