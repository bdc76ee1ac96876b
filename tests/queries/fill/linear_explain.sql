-- What is filled on a line.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT k, ts, SUM(v) AS total, COUNT(*) AS n FROM gaps SAMPLE BY 1s FILL(LINEAR, 0)
