-- Overlapping windows: each row is in up to three; a row at window_end belongs to the next.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, symbol, COUNT(*) AS n, SUM(size) AS volume, MIN(price) AS low, MAX(price) AS high, FIRST(price) AS first, LAST(price) AS last, AVG(price) AS mean
FROM HOP(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND) GROUP BY window_start, window_end, symbol
