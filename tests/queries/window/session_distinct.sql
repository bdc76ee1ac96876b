-- DISTINCT and aggregates that keep their values over sessions that become one.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(DISTINCT v % 4) AS n, SUM(DISTINCT v % 4) AS total, AVG(DISTINCT CAST(v % 3 AS DOUBLE)) AS mean,
       MEDIAN(v) AS median, STRING_AGG(CAST(v AS VARCHAR), '|') AS vs, STRING_AGG(DISTINCT CAST(v % 3 AS VARCHAR), '|') AS thirds, MODE(v % 3) AS mode
FROM back GROUP BY k WINDOW SESSION(2s)
