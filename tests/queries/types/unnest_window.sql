-- Windows of elements: late records are late once, whatever they hold, and first ones in front of the elements.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE VIEW parts AS SELECT ts, symbol, size, part FROM trades, UNNEST(ARRAY[side, SUBSTRING(symbol FROM 1 FOR 1)]) AS p (part) WHERE size > 20 AND part <> 'A';
INSERT INTO a SELECT window_start, part, COUNT(*) AS n, SUM(size) AS volume FROM TUMBLE(TABLE parts, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, part;
INSERT INTO b SELECT window_end, COUNT(DISTINCT part) AS n, FIRST(part) AS first FROM HOP(TABLE parts, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '20' SECOND) GROUP BY window_start, window_end;
INSERT INTO c SELECT window_end, part, MAX(size) AS most FROM TUMBLE(TABLE parts, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, part ORDER BY most DESC LIMIT 1 PER WINDOW
