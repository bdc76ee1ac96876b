-- Late for every session: no window held such a row. One that an open session takes, however far back, is not there.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM SESSION(TABLE back PARTITION BY k, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY k, window_start, window_end LATE DATA INTO late
