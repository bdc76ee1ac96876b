-- PROCTIME() in a WINDOW clause, for sessions; the arrival stamp is the same.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n FROM trades WHERE _timestamp IS NOT NULL GROUP BY symbol WINDOW SESSION(PROCTIME(), 1h) ORDER BY symbol
