-- EXPLAIN: a group by the bounds.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT window_start, symbol, AVG(next) AS mean FROM (SELECT ts, symbol, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few) GROUP BY symbol WINDOW TUMBLING(1s)
