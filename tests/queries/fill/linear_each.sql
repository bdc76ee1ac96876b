-- Beside other values windows wait for the key's next all the same.
CREATE TABLE gaps (ts TIMESTAMP, k VARCHAR, v BIGINT, name VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/gaps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, ts, SUM(v) AS total, LAST(name) AS name, COUNT(*) AS n, MIN(v) AS least FROM gaps SAMPLE BY 1s FILL(LINEAR, PREV, 0, NULL)
