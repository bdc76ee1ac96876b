-- NULLs are skipped; a group of no price has no answer; what is not positive has no return.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, EMA(price, 3) AS ema, TWAP(price, ts) AS twap, REALIZED_VOL(price) AS vol, MAX_DRAWDOWN(price) AS fall, REALIZED_VOL(price - 102) AS broken,
       EMA(price, 1) FILTER (WHERE size < 0) AS none, TWAP(price, ts) FILTER (WHERE size < 0) AS no_twap FROM few GROUP BY symbol
