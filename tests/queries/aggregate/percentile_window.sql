-- A window takes the memory of one that has closed.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, MEDIAN(price) AS m, PERCENTILE_CONT(price, 0.9) AS p90, MODE(side) AS side, APPROX_COUNT_DISTINCT(size) AS sizes, APPROX_PERCENTILE(price, 0.9) AS a90
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY symbol, window_start, window_end
