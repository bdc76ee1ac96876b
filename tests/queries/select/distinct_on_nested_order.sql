-- Keys of DISTINCT ON need no order; ORDER BY says which row of a key is the first.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT DISTINCT ON (MAP[symbol, side]) symbol, side, size, ts FROM trades ORDER BY size DESC, ts;
