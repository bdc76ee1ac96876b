-- The bounds of a session beside those of the window that its rows are put into: only the latter are the window's.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW sessions AS SELECT symbol, window_start AS s, window_end AS e, window_time AS t, COUNT(*) AS n FROM few GROUP BY symbol WINDOW SESSION(1s);
CREATE VIEW both AS SELECT s, window_start, window_end, SUM(n) AS n FROM TUMBLE(TABLE sessions, DESCRIPTOR(t), INTERVAL '2' SECOND) GROUP BY s, window_start, window_end;
INSERT INTO a SELECT s, window_start, n FROM both;
INSERT INTO b SELECT s, SUM(n) AS n FROM both GROUP BY s EMIT FINAL;
INSERT INTO c SELECT window_start, window_end, SUM(n) AS n, MIN(s) AS first FROM both GROUP BY window_start, window_end
