-- In source order within a symbol; one row has no volatility and its own price.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, EMA(price, 0.2) AS ema, EMA(price, 9) AS ema_9, TWAP(price, ts) AS twap, REALIZED_VOL(price) AS vol, MAX_DRAWDOWN(price) AS fall, RATE(ts) AS rate
FROM trades GROUP BY symbol
