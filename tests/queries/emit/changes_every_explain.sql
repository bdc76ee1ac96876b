-- What EXPLAIN says of it.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES EVERY 1500ms;
