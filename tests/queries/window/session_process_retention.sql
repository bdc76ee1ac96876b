-- Behind the retention rows are late: counted, and taken by the table that is asked for.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract', 'late.retention' = '4s');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO out SELECT k, window_start, window_end, COUNT(*) AS n FROM back GROUP BY k WINDOW SESSION(500ms) LATE DATA PROCESS INTO late
