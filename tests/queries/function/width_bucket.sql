-- Buckets from 1, 0 before and count + 1 behind; bounds may fall; a bad count and NaN are row errors.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, WIDTH_BUCKET(d, 0, 10, 5) AS up, WIDTH_BUCKET(d, 10, 0, 5) AS down, WIDTH_BUCKET(x, 0, 1, n) AS counted
FROM v
