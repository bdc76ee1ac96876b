-- ALLOW keeps sessions open for longer.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, SESSION_START(ts, 500ms) AS first, SESSION_END(ts, 500ms) AS last, COUNT(*) AS n FROM trades GROUP BY symbol, SESSION(ts, INTERVAL '500' MILLISECOND) LATE DATA ALLOW 3s
