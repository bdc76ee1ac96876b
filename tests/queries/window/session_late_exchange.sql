-- Lateness behind an exchange: the key can fail, so it is computed behind WHERE.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT v / 8 AS eighth, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM back WHERE v > 0 GROUP BY v / 8 WINDOW SESSION(2s)
