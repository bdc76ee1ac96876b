-- A window without another key is split over the workers.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, COUNT(*) AS n, AVG(price) AS mean, COUNT(DISTINCT symbol) AS symbols, FIRST(symbol) AS first, LAST(symbol) AS last
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end
