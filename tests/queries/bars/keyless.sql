-- Bars of all rows, in order, with aggregates that do not merge: by the WINDOW clause too.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, MEDIAN(price) AS median, VWAP(price, size) AS vwap,
  EMA(price, 0.5) AS ema, MAX_DRAWDOWN(price) AS drawdown, LAST(symbol) AS last
FROM trades WINDOW BARS(VOLUME 20000, size)
