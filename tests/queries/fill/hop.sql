-- A key has a row in every window behind its first, hopping ones too, also those that no row of any key lies in.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, SUM(v) AS total, COUNT(*) AS n FROM HOP(TABLE gaps, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND)
GROUP BY k, window_start, window_end FILL (PREV, 0)
