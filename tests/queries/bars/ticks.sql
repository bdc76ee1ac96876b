-- Each third row of a symbol ends a bar; what is open at the end leaves then. NULL is a key.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, FIRST(price) AS open, LAST(price) AS close, COUNT(*) AS n
FROM BARS(TABLE few PARTITION BY symbol, DESCRIPTOR(ts), TICKS 3) GROUP BY symbol, window_start, window_end
