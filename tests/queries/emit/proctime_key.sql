-- PROCTIME() as a group key, over a table without a watermark.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol, TUMBLE(PROCTIME(), INTERVAL '100000' DAY)
