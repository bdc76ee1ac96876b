-- OVER over a window's groups: the best of each window, and each symbol's change from window to window.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK best WITH ('connector' = 'file', 'path' = '${OUT}/best.csv', 'format' = 'csv');
CREATE SINK change WITH ('connector' = 'file', 'path' = '${OUT}/change.csv', 'format' = 'csv');
INSERT INTO best SELECT window_start, symbol, SUM(size) AS volume, RANK() OVER (PARTITION BY window_start ORDER BY SUM(size) DESC) AS place
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, symbol QUALIFY place <= 2;
INSERT INTO change SELECT window_end, symbol, SUM(size) - LAG(SUM(size)) OVER (PARTITION BY symbol ORDER BY window_time) AS more,
  SUM(SUM(size)) OVER (PARTITION BY symbol ORDER BY window_time ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS of_three
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, symbol
