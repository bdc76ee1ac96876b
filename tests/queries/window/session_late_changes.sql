-- Of a late row nothing leaves; one far back changes the session that takes it.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM SESSION(TABLE back PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY k, window_start, window_end
EMIT CHANGES
