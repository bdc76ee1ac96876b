-- Windows of two tables, joined on and aggregated again by their bounds, and by another key.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW w AS SELECT window_start, window_end, window_time, symbol, SUM(size) AS volume FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end, symbol
UNION ALL SELECT window_start, window_end, window_time, symbol, SUM(size) FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end, symbol;
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT window_start, window_end, COUNT(*) AS n, SUM(volume) AS volume FROM w GROUP BY window_start, window_end;
INSERT INTO b SELECT symbol, COUNT(*) AS n, MAX(volume) AS most FROM w GROUP BY symbol EMIT FINAL;
INSERT INTO c SELECT window_start, symbol, volume, RANK() OVER (PARTITION BY window_start ORDER BY volume DESC) AS place FROM w QUALIFY place = 1
