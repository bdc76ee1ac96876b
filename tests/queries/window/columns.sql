-- Bounds of windows: a row at window_end belongs to the next; window_time is a nanosecond before the end.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, window_time, COUNT(*) AS n, FIRST(symbol) AS first
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end, window_time
