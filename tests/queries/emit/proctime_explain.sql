-- EXPLAIN says that another run differs.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, COUNT(*) AS n FROM HOP(TABLE trades, DESCRIPTOR(PROCTIME()), INTERVAL '1' SECOND, INTERVAL '5' SECOND) GROUP BY symbol, window_start, window_end
