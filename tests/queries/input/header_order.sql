-- Columns match the header by name: a part of them, in another order.
CREATE TABLE trades (side VARCHAR, size INT, symbol VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'csv.header' = 'true');
SELECT * FROM trades WHERE size >= 495
