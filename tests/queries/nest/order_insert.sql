-- ORDER BY and LIMIT of an INSERT over groups, windows, OVER and DISTINCT of a bounded input.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, SUM(size) AS volume FROM trades GROUP BY symbol ORDER BY volume DESC LIMIT 2 EMIT FINAL;
INSERT INTO b SELECT window_start, symbol, SUM(size) AS volume FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, symbol ORDER BY window_start, volume DESC LIMIT 7;
INSERT INTO c SELECT ts, symbol, LAG(price) OVER (PARTITION BY symbol ORDER BY ts) AS before FROM trades ORDER BY before DESC, ts LIMIT 4;
INSERT INTO d SELECT DISTINCT symbol, side FROM trades ORDER BY 2, 1 DESC LIMIT 5 EMIT FINAL
