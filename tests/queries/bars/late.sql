-- Rows behind the watermark are late: bars go by the order in which rows come. Those in time come as they come.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM BARS(TABLE back PARTITION BY k, DESCRIPTOR(ts), TICKS 2) GROUP BY k, window_start, window_end
