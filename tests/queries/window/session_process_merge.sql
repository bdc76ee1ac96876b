-- A late row between two closed sessions makes them one: -U the first, -D the second, +U the one. Behind HAVING each of these
-- rows is judged by itself.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract');
INSERT INTO out SELECT window_start, window_end, COUNT(*) AS n, MIN(v) AS least, LAST(v) AS last FROM back WINDOW SESSION(1s) HAVING COUNT(*) <> 3 LATE DATA WARN
