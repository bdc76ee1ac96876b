-- Each change of sessions whose rows come out of order: 4 lies between two sessions, which become one.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, EMA(v, 0.5) AS ema, TWAP(v, ts) AS twap, REALIZED_VOL(v) AS vol, MAX_DRAWDOWN(v) AS fall
FROM back WINDOW SESSION(1s) EMIT CHANGES
