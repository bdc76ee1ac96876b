-- AT TIME ZONE shows an instant by a zone's clock; TO_UTC is the way back.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ts AT TIME ZONE 'America/New_York' AS ny, TO_TIMEZONE(ts, 'Asia/Kolkata') AS kolkata, TO_UTC(ts, 'Europe/Berlin') AS berlin,
       TRUNC_IN_ZONE('day', ts, 'America/New_York') AS day, EXTRACT(HOUR FROM ts AT TIME ZONE 'Asia/Tokyo') AS hour
FROM v
