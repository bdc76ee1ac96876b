-- Aggregates and values of whole partitions: no ORDER BY and no frame; NULLs skipped, FILTER, DISTINCT, one partition of all.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK sums WITH ('connector' = 'file', 'path' = '${OUT}/sums.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK ends WITH ('connector' = 'file', 'path' = '${OUT}/ends.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK shares WITH ('connector' = 'file', 'path' = '${OUT}/shares.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO sums SELECT symbol, size, SUM(size) OVER w AS sum, COUNT(*) OVER w AS rows, COUNT(size) OVER w AS sizes, AVG(price) OVER w AS avg, MIN(side) OVER w AS side,
  SUM(size) FILTER (WHERE side = 'S') OVER w AS sold, COUNT(DISTINCT side) OVER w AS sides, STRING_AGG(side, '') OVER w AS all_sides, STDDEV_POP(price) OVER w AS spread,
  MEDIAN(size) OVER () AS median, COUNT(*) OVER () AS total
FROM few WINDOW w AS (PARTITION BY symbol);
INSERT INTO ends SELECT symbol, side, FIRST_VALUE(size) OVER w AS first, LAST_VALUE(size) OVER w AS last, NTH_VALUE(price, 2) OVER w AS second, NTH_VALUE(price, 9) OVER w AS ninth,
  LAST(size) OVER w AS last_known, VWAP(price, size) OVER (PARTITION BY side RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS vwap
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
INSERT INTO shares SELECT symbol, size, CAST(size AS DOUBLE) / SUM(size) OVER (PARTITION BY symbol) AS share, SUM(size) OVER (PARTITION BY symbol ORDER BY ts) AS so_far,
  ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY size DESC) AS n
FROM few QUALIFY n <= 2 AND COUNT(*) OVER (PARTITION BY symbol) > 1
