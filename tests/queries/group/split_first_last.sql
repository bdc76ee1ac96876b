-- Without a key the fold is split over workers, and still goes by event time.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT FIRST(symbol) AS first, LAST(symbol) AS last, VWAP(price, size) AS vwap, AVG(price) AS mean FROM trades
