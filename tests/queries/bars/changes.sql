-- EMIT CHANGES: every row shows its bar, whose end is the row's time.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume
FROM BARS(TABLE few PARTITION BY symbol, DESCRIPTOR(ts), TICKS 2) GROUP BY symbol, window_start, window_end EMIT CHANGES
