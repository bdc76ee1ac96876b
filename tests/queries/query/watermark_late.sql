-- Late rows alone: one at the watermark itself is in time.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, k, v, CURRENT_WATERMARK(ts) AS w FROM back WHERE ts < CURRENT_WATERMARK(ts)