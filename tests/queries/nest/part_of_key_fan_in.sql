-- The same with all rows on one worker.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'partitioning' = 'fan_in';
SELECT symbol, side, COUNT(*) AS n, SUM(prev) AS p FROM (SELECT symbol, side, size, LAG(size) OVER (PARTITION BY symbol ORDER BY ts) AS prev FROM trades) GROUP BY symbol, side
