-- Sessions come a moment behind their time; a UNION of them that does not show the whole window sorts them all the same.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW s AS SELECT side, window_time, COUNT(*) AS n FROM SESSION(TABLE trades PARTITION BY side, DESCRIPTOR(ts), INTERVAL '300' MILLISECOND) GROUP BY side, window_start, window_end, window_time;
SELECT side, window_time, n, COUNT(*) OVER (ORDER BY window_time) AS so_far FROM (SELECT * FROM s WHERE side = 'B' UNION ALL SELECT * FROM s WHERE side = 'S') EMIT FINAL;
