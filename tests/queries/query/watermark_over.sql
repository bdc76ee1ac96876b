-- Watermarks that earlier rows of a partition met.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, ts, LAG(CURRENT_WATERMARK(ts)) OVER (PARTITION BY k ORDER BY ts) AS before FROM back EMIT CHANGES