-- The first of each key by ORDER BY, whose NULLs come last; a key may be no item, an alias or a number.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT 'key' AS what, * FROM (SELECT DISTINCT ON (side, symbol) ts, symbol, size FROM few ORDER BY side, symbol, size DESC)
UNION ALL SELECT 'alias', * FROM (SELECT DISTINCT ON (half) ts, symbol, size / 2 AS half FROM few ORDER BY ts DESC LIMIT 3 OFFSET 1)
UNION ALL SELECT 'number', * FROM (SELECT DISTINCT ON (2, size > 60) ts, symbol, size FROM few ORDER BY 3)
