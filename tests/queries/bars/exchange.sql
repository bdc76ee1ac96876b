-- Keys that can fail are computed behind WHERE, and rows go to their worker with what they add.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT size / 100 AS lot, window_start, window_end, COUNT(*) AS n, SUM(price) AS total
FROM trades WHERE size > 0 GROUP BY size / 100 WINDOW BARS(VOLUME 5000, size / 2)
