-- ALLOW takes rows that lie up to so far behind; a bar may end before it starts.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM BARS(TABLE back PARTITION BY k, DESCRIPTOR(ts), TICKS 2) GROUP BY k, window_start, window_end
LATE DATA ALLOW 6s
