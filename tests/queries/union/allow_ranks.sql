-- Queries that keep their windows open for different times: ranks of a window wait for all of them.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW f AS SELECT window_start, window_end, window_time, symbol, COUNT(*) AS n FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, symbol LATE DATA ALLOW 1s;
CREATE VIEW t AS SELECT window_start, window_end, window_time, symbol, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, symbol LATE DATA ALLOW 3s;
CREATE VIEW u AS SELECT 'f' AS o, * FROM f UNION ALL SELECT 't', * FROM t;
INSERT INTO a SELECT window_end, o, symbol, n, ROW_NUMBER() OVER (PARTITION BY window_end ORDER BY n, symbol, o) AS r FROM u QUALIFY r <= 3;
INSERT INTO b SELECT window_start, SUM(n) AS n FROM TUMBLE(TABLE u, DESCRIPTOR(window_time), INTERVAL '10' SECOND) GROUP BY window_start, window_end
