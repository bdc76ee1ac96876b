-- A window's bounds by their functions and by name.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT CUMULATE_START(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND) AS first, CUMULATE_END(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND) AS last, window_start, window_end, COUNT(*) AS n
FROM few
GROUP BY CUMULATE(ts, INTERVAL '2' SECOND, INTERVAL '6' SECOND)
