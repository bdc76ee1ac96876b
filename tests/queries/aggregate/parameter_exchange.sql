-- Constants stay constants where an exchange brings the rows together.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT size / 100 AS hundreds, EMA(price, 0.25) FILTER (WHERE side = 'B') AS ema, PERCENTILE_CONT(price, 0.75) AS q3, PERCENTILE_DISC(price, 0.25) FILTER (WHERE side = 'S') AS q1,
       APPROX_PERCENTILE(price, 0.5) AS about, STRING_AGG(DISTINCT symbol, '/') AS symbols FROM trades GROUP BY size / 100
