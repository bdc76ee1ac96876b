-- EXPLAIN tells how often checkpoints are taken, and what a restart does to the rows of each sink.
SET 'checkpoint.dir' = 'state/bars';
SET 'checkpoint.interval' = '500 ms';
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK bars WITH ('connector' = 'file', 'path' = '${OUT}/bars.csv', 'format' = 'csv');
EXPLAIN INSERT INTO bars SELECT window_start, symbol, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW TUMBLING(10s);
SET 'checkpoint.interval' = '1m';
EXPLAIN SELECT symbol, price FROM trades;
