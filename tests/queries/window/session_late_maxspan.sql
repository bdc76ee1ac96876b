-- A row that MAXSPAN keeps out of the open session would begin one that is final: it is late.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM SESSION(TABLE back PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND MAXSPAN INTERVAL '5' SECOND)
GROUP BY k, window_start, window_end
