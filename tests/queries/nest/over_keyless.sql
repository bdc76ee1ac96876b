-- OVER over the one group of an aggregate without keys, and over windows without keys.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK one WITH ('connector' = 'file', 'path' = '${OUT}/one.csv', 'format' = 'csv');
CREATE SINK windows WITH ('connector' = 'file', 'path' = '${OUT}/windows.csv', 'format' = 'csv');
INSERT INTO one SELECT COUNT(*), ROW_NUMBER() OVER (ORDER BY COUNT(*)) FROM trades EMIT FINAL;
INSERT INTO windows SELECT window_start, COUNT(*) AS n, SUM(COUNT(*)) OVER (ORDER BY window_time ROWS UNBOUNDED PRECEDING) AS total
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end
