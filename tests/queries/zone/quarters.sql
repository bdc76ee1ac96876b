-- Six hours from midnight there: the first window of a day is five or seven hours long where clocks are changed in it. A key with gaps.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS total
FROM days WHERE ts < TIMESTAMP '2025-04-01 00:00:00' GROUP BY k WINDOW TUMBLING(6h) AT TIME ZONE 'America/New_York' FILL(NULL)
