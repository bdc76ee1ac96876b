-- Rows in time alone.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, k, v, CURRENT_WATERMARK(ts) AS w FROM back WHERE ts >= CURRENT_WATERMARK(ts) OR CURRENT_WATERMARK(ts) IS NULL