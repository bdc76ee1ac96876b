-- One cent more than two rows come to: the third ends the bar.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n
FROM BARS(TABLE few PARTITION BY symbol, DESCRIPTOR(ts), DOLLAR 30500.01, price, size) GROUP BY symbol, window_start, window_end
