-- Sessions of elements: one that no session takes is late, its record is used all the same.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW parts AS SELECT ts, symbol, size, part FROM trades CROSS JOIN UNNEST(ARRAY[side, SUBSTRING(symbol FROM 1 FOR 1)]) AS p (part) WHERE size > 20;
INSERT INTO a SELECT part, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume FROM parts GROUP BY part WINDOW SESSION(150ms) LATE DATA INTO late;
INSERT INTO b SELECT symbol, window_start, COUNT(*) AS n FROM parts GROUP BY symbol WINDOW SESSION(2s MAXSPAN 5s) EMIT CHANGES EVERY 5s
