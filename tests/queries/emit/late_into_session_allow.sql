-- What is allowed is not late; no keys, MAXSPAN, and columns that the sessions do not read.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM back WHERE v <> 8 WINDOW SESSION(1s, MAXSPAN 3s) LATE DATA ALLOW 500ms INTO late
