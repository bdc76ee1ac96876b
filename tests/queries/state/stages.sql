-- Over the rows of windows the watermark is that of their stage: a window's row comes when it closes.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '4s';
SELECT n, COUNT(*) AS windows, LAST(k) AS k FROM (
  SELECT k, window_end, COUNT(*) AS n FROM touches GROUP BY k, window_start, window_end WINDOW TUMBLING(5s) EMIT FINAL
) GROUP BY n EMIT CHANGES;
