-- Keys, extremes and windows of a TIMESTAMP_LTZ that is the event time.
SET 'timezone' = 'America/New_York';
CREATE TABLE k (
  id INT, ts TIMESTAMP_LTZ, t TIME, z TIMESTAMP, r REAL, y VARBINARY, s VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' DAY
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, COUNT(*) AS n, MIN(ts) AS first, MAX(ts) AS last, FIRST(t) AS t, LAST(r) AS r, MAX(y) AS y
FROM TUMBLE(TABLE k, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end
