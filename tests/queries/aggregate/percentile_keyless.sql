-- Without a key all rows come together.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT MEDIAN(price) AS m, PERCENTILE_DISC(size, 0.9) AS d, APPROX_PERCENTILE(price, 0.5) AS a, APPROX_COUNT_DISTINCT(price) AS prices, COUNT(DISTINCT price) AS exact, MODE(symbol) AS symbol FROM trades
