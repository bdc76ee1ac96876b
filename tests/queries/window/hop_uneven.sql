-- A size that is no multiple of the slide: panes end where a window starts and where one ends.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, symbol, COUNT(*) AS n, AVG(CAST(price AS DOUBLE)) AS mean, COUNT(DISTINCT side) AS sides FROM trades GROUP BY symbol, HOP(ts, 2s, 5s, 500ms)
