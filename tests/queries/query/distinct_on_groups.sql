-- DISTINCT ON of groups, of windows, and with HAVING and DISTINCT beneath.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT DISTINCT ON (window_start) window_start, symbol, SUM(size) AS n
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND)
WHERE size > 0
GROUP BY window_start, window_end, symbol
HAVING COUNT(*) > 0
ORDER BY window_start, n DESC
