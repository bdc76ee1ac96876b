-- A NaN leaves the frame again: sums are not kept by adding and subtracting.
CREATE TABLE numbers (id BIGINT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE, ts AS TIMESTAMP '2025-01-01 00:00:00' + INTERVAL '1' SECOND, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, x, SUM(x) OVER (PARTITION BY b ORDER BY ts ROWS 1 PRECEDING) AS pair, MAX(x) OVER (PARTITION BY b ORDER BY ts ROWS 1 PRECEDING) AS high FROM numbers
