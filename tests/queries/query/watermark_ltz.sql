-- The watermark of an instant with a zone has its zone.
SET 'timezone' = 'America/New_York';
CREATE TABLE back (ts TIMESTAMP_LTZ, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, CURRENT_WATERMARK(ts) AS w, CAST(CURRENT_WATERMARK(ts) AS VARCHAR) AS text, _watermark FROM back