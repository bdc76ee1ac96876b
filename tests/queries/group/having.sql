-- HAVING over an aggregate that is not selected, and over an alias.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol HAVING MAX(size) > 490 AND n > 40
