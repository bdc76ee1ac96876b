-- Frames that reach beyond the current row: shorter where the partition ends, empty behind its end.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT symbol, size, SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around,
  COUNT(*) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS ahead,
  LAST_VALUE(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS last,
  NTH_VALUE(size, 2) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) AS second
FROM few;
INSERT INTO b SELECT symbol, size, COUNT(size) OVER w AS n, COUNT(DISTINCT side) OVER w AS sides, MAX(price) OVER w AS most, ARRAY_AGG(size) OVER w AS sizes, STRING_AGG(side, '') OVER w AS texts,
  MEDIAN(size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 3 FOLLOWING) - size AS off
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING);
INSERT INTO c SELECT symbol, side, n, SUM(n) OVER (PARTITION BY symbol ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS near FROM (SELECT symbol, side, COUNT(*) AS n FROM few GROUP BY symbol, side)
