-- Bars of 100 ms of every symbol, the closing price carried on.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, ts, LAST(price) AS close, SUM(size) AS volume FROM trades SAMPLE BY 500ms FILL(PREV, 0);
