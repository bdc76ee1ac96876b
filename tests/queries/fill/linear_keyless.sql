-- One line for all rows, half seconds from 00.250 on.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, SUM(v) AS total, COUNT(*) AS n FROM TUMBLE(TABLE gaps, DESCRIPTOR(ts), INTERVAL '500' MILLISECOND, INTERVAL '250' MILLISECOND)
GROUP BY window_start, window_end FILL (LINEAR)
