-- FIRST and LAST go by event time, whatever the order of arrival; VWAP is exact.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, FIRST(price) AS open, LAST(price) AS close, FIRST(ts) AS first_ts, LAST(ts) AS last_ts, VWAP(price, size) AS vwap FROM trades GROUP BY symbol
