-- SET 'timezone': calendar functions and casts go by its clock, instants stay.
SET 'timezone' = 'America/New_York';
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ts, DATE_TRUNC('day', ts) AS day, DATE_TRUNC('minute', ts) AS minute, HOUR(ts) AS hour, DATE_FORMAT(ts, 'HH:mm') AS clock, CAST(ts AS VARCHAR) AS text, CAST(ts AS DATE) AS date,
       CAST('2025-07-01 00:00:00' AS TIMESTAMP) AS summer, CAST('2025-07-01T00:00:00Z' AS TIMESTAMP) AS utc, FROM_UNIXTIME(0) AS zero, EXTRACT(EPOCH FROM ts) AS epoch
FROM v
