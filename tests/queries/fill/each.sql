-- One value for each aggregate, behind SAMPLE BY.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, ts, SUM(v) AS total, MIN(v) AS least, AVG(v) AS average, COUNT(*) AS n FROM gaps SAMPLE BY 1s FILL(PREV, NULL, -1.5, 0)
