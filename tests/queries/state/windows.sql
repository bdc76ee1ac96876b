-- Windows end by themselves: the setting does not touch them, sessions of a gap longer than it included.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '1s';
SELECT k, window_start, window_end, COUNT(*) AS n FROM touches GROUP BY k WINDOW SESSION(12s);
