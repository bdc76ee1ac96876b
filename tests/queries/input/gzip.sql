-- A gzip file, known by its first bytes.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv.gz', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n, SUM(size) AS volume FROM trades GROUP BY symbol
