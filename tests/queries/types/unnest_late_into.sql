-- Late records of windows and of sorts over elements: in the table they are elements too.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late_a WITH ('connector' = 'file', 'path' = '${OUT}/late_a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late_b WITH ('connector' = 'file', 'path' = '${OUT}/late_b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW parts AS SELECT ts, symbol, size, part, n FROM trades CROSS JOIN UNNEST(ARRAY[side, SUBSTRING(symbol FROM 1 FOR 1)]) WITH ORDINALITY AS p (part, n) WHERE size > 20 AND part <> 'A';
INSERT INTO a SELECT part, window_start, COUNT(*) AS n FROM parts GROUP BY part WINDOW TUMBLING(1s) LATE DATA INTO late_a;
INSERT INTO b SELECT ts, part, COUNT(*) OVER (PARTITION BY part ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND CURRENT ROW) AS n FROM parts WHERE part < 'S' EMIT FINAL LATE DATA ALLOW 10ms INTO late_b
