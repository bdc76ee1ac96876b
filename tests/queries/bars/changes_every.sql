-- Of each bar what it has come to at every second, complete ones too.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, LAST(price) AS close, SUM(size) AS volume, COUNT(*) AS n
FROM few GROUP BY symbol WINDOW BARS(TICKS 2) EMIT CHANGES EVERY 1s
