-- Without keys there is one row a window.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, SUM(v) AS total, COUNT(*) AS n FROM gaps WINDOW TUMBLING(1s) FILL(0)
