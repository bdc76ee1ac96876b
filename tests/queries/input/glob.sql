-- Three files in the order of their names, one header each.
CREATE TABLE parts (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-*.csv', 'csv.header' = 'true');
SELECT ts, symbol, size FROM parts WHERE size > 470
