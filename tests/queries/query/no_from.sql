-- A query without FROM is of one row.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT 1 + 1 AS two, 'a' AS a, COUNT(*) AS n, MAX(5) AS m
UNION ALL SELECT 3, 'b', 0, (SELECT COUNT(*) FROM few) WHERE 1 < 2
UNION ALL SELECT 4, 'c', 0, 0 WHERE 1 > 2
UNION ALL SELECT UNNEST(ARRAY[7, 8]), 'd', 0, 0
UNION ALL SELECT x, 'e', n, NULL FROM UNNEST(ARRAY[9, NULL]) WITH ORDINALITY AS u (x, n)
