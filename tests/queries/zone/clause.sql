-- Behind WINDOW, shown by the clocks there, every row's change.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, window_start AT TIME ZONE 'America/New_York' AS day, COUNT(*) AS n
FROM days GROUP BY k WINDOW TUMBLING(1d) AT TIME ZONE 'america/new_york' EMIT CHANGES
