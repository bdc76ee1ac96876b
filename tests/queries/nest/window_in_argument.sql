-- The window's bounds inside an aggregate's argument, its FILTER, and beside an offset.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, COUNT(*) AS n, MIN(ts - window_start) AS first, MAX(window_end - ts) AS last, MAX(window_time) AS until,
  COUNT(*) FILTER (WHERE ts < window_start + INTERVAL '500' MILLISECOND) AS early
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '250' MILLISECOND) GROUP BY window_start, window_end
