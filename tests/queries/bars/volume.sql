-- The row that brings the volume to the bound is its bar's last, with all of its size; a NULL adds nothing.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume
FROM BARS(TABLE few PARTITION BY symbol, DESCRIPTOR(ts), VOLUME 300, size) GROUP BY symbol, window_start, window_end
