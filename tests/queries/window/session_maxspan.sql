-- MAXSPAN: a row that would make a session longer begins the next.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW SESSION(2s MAXSPAN 3s)
