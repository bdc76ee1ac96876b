-- Tumbling windows over rows of LEAD are groups that are complete at the end: no row is late for them.
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
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW led AS SELECT ts, symbol, side, size, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few;
CREATE VIEW gaps AS SELECT ts, symbol, LEAD(ts, 2) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM trades;
INSERT INTO a SELECT window_start, window_end, symbol, COUNT(*) AS n, COUNT(next) AS led, SUM(next) AS total, FIRST(next) AS first, LAST(size) AS last FROM TUMBLE(TABLE led, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end, symbol HAVING COUNT(*) < 3;
INSERT INTO b SELECT window_start, side, COUNT(*) AS n, GROUPING(side) AS every FROM TUMBLE(TABLE led, DESCRIPTOR(ts), INTERVAL '3' SECOND) GROUP BY window_start, window_end, ROLLUP (side);
INSERT INTO c SELECT window_end, COUNT(*) AS symbols, SUM(n) AS n, MIN(least) AS least FROM (SELECT window_start, window_end, symbol, COUNT(*) AS n, MIN(next) AS least FROM gaps GROUP BY symbol WINDOW TUMBLING(5s)) GROUP BY window_start, window_end EMIT FINAL;
INSERT INTO d SELECT window_start, symbol, COUNT(*) AS n FROM led WHERE next > 20 GROUP BY symbol WINDOW TUMBLING(2s) EMIT CHANGES
