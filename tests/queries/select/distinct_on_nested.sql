-- Keys of DISTINCT ON have to be equal or not; they need no order.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT DISTINCT ON (MAP[symbol, side], ARRAY[size > 400]) symbol, side, size, ts FROM trades;
