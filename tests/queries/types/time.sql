-- TIME: arithmetic stays within the day.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, t, t + INTERVAL '15' HOUR AS later, t - INTERVAL '10' HOUR AS earlier, t - TIME '09:30' AS since, DATE '2025-01-02' + t AS at, HOUR(t) AS h, EXTRACT(MINUTE FROM t) AS m, t < TIME '12:00:00.5' AS morning, t BETWEEN '09:00' AND '10:00' AS ten,
       CAST(t AS INTERVAL) AS i, CAST(ts AS TIME) AS clock, TIME '23:59:59.999999999' AS last, GREATEST(t, TIME '10:00') AS g
FROM k WHERE id <> 6
