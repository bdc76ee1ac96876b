-- The first by time, not the first that came: rows are behind each other, and one is rejected.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT 'first' AS what, * FROM (SELECT DISTINCT ON (k) ts, k, v FROM back ORDER BY ts)
UNION ALL SELECT 'last', * FROM (SELECT DISTINCT ON (k) ts, k, v FROM back ORDER BY ts DESC)
UNION ALL SELECT 'came', * FROM (SELECT DISTINCT ON (k) ts, k, v FROM back)
