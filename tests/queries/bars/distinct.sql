-- DISTINCT within each bar: the next begins anew.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(DISTINCT side) AS sides, SUM(DISTINCT size) AS sizes, COUNT(*) AS n
FROM few GROUP BY symbol WINDOW BARS(TICKS 3)
