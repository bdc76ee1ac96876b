-- Calendar months: the last day of a month that is too short; a DATE gives the TIMESTAMP of its midnight.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ts + INTERVAL '1' MONTH AS next, ts - INTERVAL '13' MONTH AS before, INTERVAL '1-2' YEAR TO MONTH + z AS year, CAST(ts AS DATE) + INTERVAL '1' QUARTER AS quarter, DATE '2024-02-29' + INTERVAL '1' YEAR AS leap,
       TIMESTAMP '2025-01-31 10:00:00' + INTERVAL '1 month' + INTERVAL '1' DAY AS march, ts - INTERVAL '1' YEAR < z AS older
FROM k WHERE id <> 6
