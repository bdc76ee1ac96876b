-- Windows shorter than their slide: times between two are in none.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM HOP(TABLE gaps, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '500' MILLISECOND)
GROUP BY window_start, window_end FILL (0)
