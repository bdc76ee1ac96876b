-- Sessions that have left are kept for the retention.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract');
EXPLAIN INSERT INTO out SELECT k, window_start, window_end, COUNT(*) AS n FROM back GROUP BY k WINDOW SESSION(500ms) LATE DATA PROCESS
