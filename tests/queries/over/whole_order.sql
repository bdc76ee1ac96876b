-- Frames by any order: DESC, NULLS FIRST, several columns, no time; ROWS of any bounds, peers, frames without rows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK peers WITH ('connector' = 'file', 'path' = '${OUT}/peers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK row_frames WITH ('connector' = 'file', 'path' = '${OUT}/row_frames.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK by_time WITH ('connector' = 'file', 'path' = '${OUT}/by_time.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO peers SELECT symbol, side, size, SUM(size) OVER (ORDER BY side) AS upto, COUNT(*) OVER (ORDER BY side DESC) AS down, COUNT(*) OVER (ORDER BY side NULLS FIRST) AS nulls_first,
  SUM(size) OVER (ORDER BY side RANGE CURRENT ROW) AS peers, COUNT(size) OVER (ORDER BY side, symbol RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest,
  LAST_VALUE(price) OVER (ORDER BY side) AS last
FROM few;
INSERT INTO row_frames SELECT symbol, price, size, SUM(size) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around, MAX(size) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest,
  COUNT(*) OVER (w ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS ahead, SUM(size) OVER (w ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS sum_ahead,
  ARRAY_AGG(size) OVER (w ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS behind, FIRST_VALUE(size) OVER (w ROWS 1 PRECEDING) AS before,
  SUM(DISTINCT size) OVER (w ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) AS distinct_sum, MODE(size) OVER (w ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) AS mode
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY price DESC);
INSERT INTO by_time SELECT ts, symbol, size, SUM(size) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS rest, SUM(size) OVER (w ROWS BETWEEN CURRENT ROW AND 40 FOLLOWING) AS far,
  AVG(size) OVER (PARTITION BY symbol ORDER BY ts DESC ROWS 1 PRECEDING) AS pair, SUM(size) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS around, SUM(size) OVER w AS so_far
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY ts)
