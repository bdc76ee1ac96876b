-- DISTINCT and FILTER on any aggregate.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT side, AVG(DISTINCT size / 100) AS mean, VAR_POP(DISTINCT size / 100) AS v, MAX(DISTINCT price) AS high, FIRST(DISTINCT size) AS first, VWAP(DISTINCT price, size / 100) AS vwap,
       EMA(DISTINCT size / 100, 0.5) AS ema, CORR(DISTINCT size / 100, size / 50) FILTER (WHERE price > 100) AS c, BOOL_AND(DISTINCT size > 10) FILTER (WHERE symbol = 'AAPL') AS big FROM trades GROUP BY side
