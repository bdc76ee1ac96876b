-- CURRENT_TIME is the time of day of the arrival, as NOW() is the arrival.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CURRENT_TIME = CAST(NOW() AS TIME) AS same FROM k WHERE id < 3
