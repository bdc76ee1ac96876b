-- EMIT CHANGES of cumulating windows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, CUMULATE_END(ts, 1s, 3s) AS until FROM few GROUP BY CUMULATE(ts, INTERVAL '1' SECOND, INTERVAL '3' SECOND) EMIT CHANGES
