-- Sessions by symbol: [first, last + gap], in the order in which they are final.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume, FIRST(price) AS first, LAST(price) AS last, AVG(CAST(price AS DOUBLE)) AS mean
FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end
