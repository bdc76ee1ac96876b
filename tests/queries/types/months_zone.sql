-- Months by the session's clock: the time of day stays where the zone's offset changes.
SET 'timezone' = 'America/New_York';
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, z, z + INTERVAL '1' MONTH AS next, ts + INTERVAL '1' MONTH AS utc, CAST(ts + INTERVAL '1' MONTH AS VARCHAR) AS text, ts FROM k WHERE id <> 6
