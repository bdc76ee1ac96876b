-- Rows that come behind their time are kept until the input ends.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT side, window_end, COUNT(*) AS n FROM (SELECT ts, side, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few) GROUP BY side WINDOW SLIDING(4s, 1s);
EXPLAIN SELECT window_start, window_end, COUNT(*) AS n FROM (SELECT symbol, window_start, window_end, COUNT(*) AS n FROM few GROUP BY symbol WINDOW SESSION(1s)) GROUP BY window_start, window_end
