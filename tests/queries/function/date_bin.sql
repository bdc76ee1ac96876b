-- Stretches of any length, from 1970 or from an origin; none has a length of 0.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, DATE_BIN(INTERVAL '15' MINUTE, ts) AS quarter, DATE_BIN(INTERVAL '7' DAY, ts, TIMESTAMP '2025-01-01 00:00:00') AS week, DATE_BIN(5s, ts) AS five,
       DATE_BIN(NULL, ts) AS nothing
FROM v
