-- A late row corrects the closed session that it lies by: what that said is taken back (-U), and told as it is now (+U). One
-- that no session takes is a session of its own, final at once.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK out WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true', 'changelog.mode' = 'retract');
INSERT INTO out SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, COUNT(DISTINCT v % 3) AS thirds
FROM SESSION(TABLE back PARTITION BY k, DESCRIPTOR(ts), INTERVAL '500' MILLISECOND) GROUP BY k, window_start, window_end LATE DATA PROCESS
