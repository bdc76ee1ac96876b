-- OFFSET of each window, with LIMIT and alone, of groups and in a subquery.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW sums AS
SELECT window_start, window_end, symbol, SUM(size) AS n
FROM HOP(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND)
GROUP BY window_start, window_end, symbol;
SELECT 'second' AS what, window_start, symbol, n FROM (SELECT * FROM sums ORDER BY n DESC LIMIT 1 OFFSET 1 PER WINDOW)
UNION ALL SELECT 'rest', window_start, symbol, n FROM (SELECT * FROM sums ORDER BY n DESC OFFSET 2 PER WINDOW)
