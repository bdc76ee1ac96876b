-- Split over workers: the blocks merge in their order.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT VARIANCE(price) AS v, STDDEV_POP(size) AS s, SKEWNESS(price) AS skew, KURTOSIS(price) AS kurt, CORR(price, size) AS c, REGR_SLOPE(price, size) AS slope,
       ARG_MAX(symbol, price) AS dearest, EMA(price, 0.1) AS ema, MAX_DRAWDOWN(price) AS fall, REALIZED_VOL(price) AS vol, TWAP(price, ts) AS twap FROM trades
