-- A bar leaves when it is complete; meanwhile, every second, what open bars have come to.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, LAST(price) AS close, SUM(size) AS volume, COUNT(*) AS n
FROM few GROUP BY symbol WINDOW BARS(VOLUME 500, size) EMIT FINAL EARLY EVERY 1s
