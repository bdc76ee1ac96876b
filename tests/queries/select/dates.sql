-- DATE columns: comparison, parts, trunc, before the epoch.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, day, EXTRACT(YEAR FROM day) AS y, EXTRACT(MONTH FROM day) AS m, EXTRACT(DAY FROM day) AS d, day > DATE '2024-12-31' AS new
FROM numbers WHERE day IS NOT NULL
