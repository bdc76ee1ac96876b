-- Changes of windows, coalesced: a group is a symbol in a window.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol WINDOW TUMBLING(10s) EMIT CHANGES EVERY INTERVAL '4' SECOND;
