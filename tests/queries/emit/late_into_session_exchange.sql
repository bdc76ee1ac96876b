-- Behind an exchange: the key can fail, so rows are spread behind WHERE, and bring along what the table of late rows takes.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late (v BIGINT, watermark TIMESTAMP, late_by BIGINT, k VARCHAR) WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT v / 8 AS eighth, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM back WHERE v > 0 GROUP BY v / 8 WINDOW SESSION(2s) LATE DATA INTO late
