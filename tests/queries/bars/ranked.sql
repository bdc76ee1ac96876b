-- Bars of one end come each with a record of its own: their ranks are known at the end of the input.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_end, n, RANK() OVER (PARTITION BY window_end ORDER BY n DESC) AS place FROM (
  SELECT symbol, window_end, COUNT(*) AS n FROM BARS(TABLE few PARTITION BY symbol, DESCRIPTOR(ts), TICKS 1) GROUP BY symbol, window_start, window_end)
