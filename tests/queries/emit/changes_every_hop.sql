-- Of overlapping windows, too.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, side, COUNT(*) AS n FROM trades GROUP BY side WINDOW SLIDING(20s, 10s) EMIT CHANGES EVERY 10s;
