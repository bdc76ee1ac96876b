-- A live input: ORDER BY window_end and LIMIT are of each window.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, size BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'tcp', 'connect' = 'localhost:9000', 'format' = 'csv');
EXPLAIN SELECT window_end, symbol, SUM(size) AS volume
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end, symbol
ORDER BY window_end, volume DESC LIMIT 3;
EXPLAIN SELECT window_start, symbol, SUM(size) AS volume
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE)
GROUP BY window_start, window_end, symbol
ORDER BY window_start, symbol
