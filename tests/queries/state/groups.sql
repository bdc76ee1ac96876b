-- A group that no row has touched for more than 10 s is forgotten: at 10 s it is still there, and a row that is out of
-- order touches it without making its last touch older. A row from long ago is forgotten at once.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT k, COUNT(*) AS n, SUM(v) AS total, FIRST(v) AS opened, LAST(v) AS closed, COUNT(DISTINCT v % 2) AS kinds, MEDIAN(v) AS middle
FROM touches GROUP BY k EMIT CHANGES;
