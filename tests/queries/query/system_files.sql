-- Each file is a partition, and offsets begin anew in each.
CREATE TABLE parts (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-*.csv', 'csv.header' = 'true');
SELECT _partition, MIN(_offset) AS first, MAX(_offset) AS last, COUNT(*) AS n FROM parts GROUP BY _partition
