-- Over ranks of the same windows, and keyless.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT window_start, symbol, RANK() OVER (PARTITION BY window_start ORDER BY COUNT(*)) AS r
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY symbol, window_start, window_end ORDER BY r DESC, symbol DESC LIMIT 3 PER WINDOW;
INSERT INTO b SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY window_start, window_end ORDER BY n LIMIT 5 PER WINDOW
