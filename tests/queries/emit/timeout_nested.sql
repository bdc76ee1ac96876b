-- Windows over windows, one TIMEOUT for both.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW w AS SELECT window_start, window_end, window_time, symbol, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end;
SELECT window_start, SUM(n) AS n FROM TUMBLE(TABLE w, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY window_start, window_end EMIT FINAL TIMEOUT 10m
