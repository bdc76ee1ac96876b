-- Groups by more than the partitions of OVER: rows lie by a part of the key, and so does the state.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, COUNT(*) AS n, SUM(prev) AS p FROM (SELECT symbol, side, size, LAG(size) OVER (PARTITION BY symbol ORDER BY ts) AS prev FROM trades) GROUP BY symbol, side
