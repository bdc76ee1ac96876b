-- In a window the last price weighs until the window's end.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, TWAP(price, ts) AS twap, EMA(price, 0.5) AS ema, MAX_DRAWDOWN(price) AS fall
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end
