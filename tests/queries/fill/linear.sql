-- On the line between two windows of the key: exact numbers are rounded half away from zero, NULL on either side is NULL.
-- Nothing follows the last window of a key, and one that has no other is alone.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, SUM(v) AS total, AVG(v) AS average, SUM(CAST(v AS DECIMAL(9,1))) AS exact, COUNT(*) AS n
FROM TUMBLE(TABLE gaps, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY k, window_start, window_end FILL (LINEAR)
