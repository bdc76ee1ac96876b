-- Each change of each window that a row is in.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n FROM days WHERE v < 8 AND ts < TIMESTAMP '2025-04-01 00:00:00' WINDOW SLIDING(16h, 8h) AT TIME ZONE 'Asia/Kolkata' EMIT CHANGES
