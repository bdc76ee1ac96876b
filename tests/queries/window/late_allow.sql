-- ALLOW keeps windows open for longer: each is emitted once, rows up to 6 s behind are in it.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW TUMBLING(1s) LATE DATA ALLOW 6s
