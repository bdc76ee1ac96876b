-- Aggregates of neighbouring rows over frames: EMA, TWAP, RATE, DELTA, IMBALANCE, drawdown and volatility, the extreme's row.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, size, EMA(price, 0.5) OVER w AS ema, EMA(price, 0.5) OVER r AS running_ema, TWAP(price, ts) OVER w AS twap,
       RATE(ts) OVER w AS rate, DELTA(price) OVER w AS delta, DELTA(ts) OVER w AS time_delta,
       IMBALANCE(size, 100) OVER w AS imbalance, MAX_DRAWDOWN(price) OVER r AS drawdown, REALIZED_VOL(price) OVER w AS vol,
       ARG_MAX(price, size) OVER w AS at_largest, ARG_MIN(side, price) OVER w AS side_of_least
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING), r AS (PARTITION BY symbol ORDER BY ts)
