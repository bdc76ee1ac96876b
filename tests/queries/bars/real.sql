-- What REALs come to is summed as DOUBLEs are.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size REAL, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, SUM(size) AS volume, COUNT(*) AS n FROM few GROUP BY symbol WINDOW BARS(VOLUME 299.5, size)
