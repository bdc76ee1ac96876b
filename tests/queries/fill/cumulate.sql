-- Every second of every three: NULL where none of the key has come since the third began.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, SUM(v) AS total FROM CUMULATE(TABLE gaps, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '3' SECOND)
WHERE k <> 'C' GROUP BY k, window_start, window_end FILL (NULL)
