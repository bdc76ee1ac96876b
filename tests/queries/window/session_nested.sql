-- Windows over sessions: a session is in the one that holds its window_time.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH s AS (SELECT symbol, window_time, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW SESSION(700ms))
SELECT symbol, window_start, COUNT(*) AS sessions, SUM(n) AS trades FROM TUMBLE(TABLE s, DESCRIPTOR(window_time), INTERVAL '5' SECOND) GROUP BY symbol, window_start, window_end
