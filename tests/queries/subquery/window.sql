-- A window in a subquery, and one over its outcome.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND)
WHERE size >= (SELECT MAX(total) FROM (SELECT SUM(size) AS total FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end)) / 4
GROUP BY window_start, window_end, symbol
