-- What EXPLAIN says of bars.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, window_start, window_end, COUNT(*) AS n
FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), DOLLAR 1e6, price, size) GROUP BY symbol, window_start, window_end
