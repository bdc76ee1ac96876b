-- NULLs last unless asked for, ties in the order of their rows, a sort key that is not selected.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_end, symbol, MAX(price) AS best
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND)
GROUP BY window_start, window_end, symbol
ORDER BY COUNT(*) DESC, symbol NULLS FIRST LIMIT 2 PER WINDOW
