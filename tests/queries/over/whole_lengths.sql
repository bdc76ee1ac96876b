-- RANGE frames of lengths of times and numbers on both sides, and GROUPS frames: NULLs are peers at no distance, some frames have no rows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK times WITH ('connector' = 'file', 'path' = '${OUT}/times.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK numbers WITH ('connector' = 'file', 'path' = '${OUT}/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK groups WITH ('connector' = 'file', 'path' = '${OUT}/groups.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO times SELECT ts, size, SUM(size) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '500' MILLISECOND PRECEDING AND INTERVAL '1' SECOND FOLLOWING) AS near,
  COUNT(*) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND FOLLOWING AND INTERVAL '2' SECOND FOLLOWING) AS ahead,
  ARRAY_AGG(symbol) OVER (ORDER BY ts DESC RANGE BETWEEN 1s PRECEDING AND CURRENT ROW) AS later,
  COUNT(*) OVER (ORDER BY CAST(ts AS DATE) RANGE BETWEEN INTERVAL '36' HOUR PRECEDING AND INTERVAL '1' DAY FOLLOWING) AS days,
  COUNT(*) OVER (ORDER BY CAST(ts AS DATE) RANGE BETWEEN INTERVAL '1' HOUR FOLLOWING AND INTERVAL '23' HOUR FOLLOWING) AS none
FROM few;
INSERT INTO numbers SELECT size, price, COUNT(*) OVER (ORDER BY size RANGE BETWEEN 50 PRECEDING AND 50 FOLLOWING) AS near, SUM(size) OVER (ORDER BY size DESC NULLS FIRST RANGE BETWEEN 90 PRECEDING AND 1 PRECEDING) AS larger,
  COUNT(*) OVER (ORDER BY size RANGE BETWEEN 1.5 PRECEDING AND UNBOUNDED FOLLOWING) AS rest, COUNT(*) OVER (ORDER BY size NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND 9.5 FOLLOWING) AS upto,
  AVG(size) OVER (ORDER BY price RANGE BETWEEN 0.255 PRECEDING AND 0.25 FOLLOWING) AS near_price, MIN(size) OVER (ORDER BY CAST(price AS DOUBLE) RANGE BETWEEN 0.5 PRECEDING AND 1e2 FOLLOWING) AS near_double
FROM few;
INSERT INTO groups SELECT side, size, COUNT(*) OVER (ORDER BY side GROUPS CURRENT ROW) AS own, SUM(size) OVER (ORDER BY side GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around,
  COUNT(*) OVER (ORDER BY side GROUPS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS behind, FIRST_VALUE(size) OVER (ORDER BY side DESC, symbol GROUPS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS before,
  COUNT(*) OVER (PARTITION BY symbol ORDER BY ts GROUPS UNBOUNDED PRECEDING) AS so_far
FROM few
