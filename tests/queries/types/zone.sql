-- A TIMESTAMP_LTZ is read and shown by the session's clock, a TIMESTAMP stays in UTC.
SET 'timezone' = 'America/New_York';
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ts, z, ts = z AS same, CAST(ts AS TIMESTAMP_LTZ) AS shown, CAST(z AS TIMESTAMP) AS utc, CAST(z AS DATE) AS day, CAST(z AS TIME) AS clock, CAST(z AS VARCHAR) AS text, HOUR(z) AS hour,
       DATE_TRUNC('day', z) AS midnight, z + INTERVAL '1' HOUR AS later, z - ts AS apart, TO_TIMESTAMP_LTZ(0) AS zero, TIMESTAMPADD(MONTH, 1, z) AS month
FROM k
