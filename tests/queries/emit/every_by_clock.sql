-- EVERY counts the clock where the table has no watermark; the end of the input is the last tick.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES EVERY 1h
