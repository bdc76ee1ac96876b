-- The bars themselves know what a tick tells.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, window_start, window_end, COUNT(DISTINCT side) AS n FROM few GROUP BY symbol WINDOW BARS(TICKS 2) EMIT CHANGES EVERY 1s
