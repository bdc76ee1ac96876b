-- The best of each window under another aggregate of the same window, and of a longer one.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE VIEW best AS
SELECT symbol, SUM(size) AS volume, window_start, window_end, window_time
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND)
GROUP BY symbol, window_start, window_end, window_time ORDER BY volume DESC LIMIT 2 PER WINDOW;
INSERT INTO a SELECT window_start, COUNT(*) AS n, SUM(volume) AS volume, FIRST(symbol) AS first FROM best GROUP BY window_start, window_end;
INSERT INTO b SELECT window_end, symbol, COUNT(*) AS n, SUM(volume) AS volume
FROM TUMBLE(TABLE best, DESCRIPTOR(window_time), INTERVAL '30' SECOND) GROUP BY window_start, window_end, symbol
