-- A partition that is forgotten begins anew: numbers, LAG, running sums and frames.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10 s';
SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k) AS number, LAG(v, 1, -1) OVER (PARTITION BY k) AS before,
  SUM(v) OVER (PARTITION BY k ORDER BY ts) AS total, MAX(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS high,
  COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW) AS lately,
  RANK() OVER (PARTITION BY k ORDER BY ts) AS place
FROM touches;
