-- Every second the sessions that have grown and are still open, as they are then; each once more when it is final. Two that
-- a row made one are told as one from then on, and what was told of them stays told.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM back GROUP BY k WINDOW SESSION(2s) EMIT FINAL EARLY EVERY 1s
