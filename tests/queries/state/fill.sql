-- A key is filled for windows that end up to 10 s behind its last with rows, and is a new one, behind the others, when it
-- comes again. Where all are forgotten no window is made.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '10s';
SELECT window_start, k, SUM(v) AS total, COUNT(*) AS n FROM touches GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND) FILL(PREV, 0) LATE DATA ALLOW 20s;
