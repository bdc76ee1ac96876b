-- GROUP BY the bounds of windows that move with their rows: the end says when a group is complete.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW sessions AS SELECT symbol, window_start, window_end, COUNT(*) AS n FROM few GROUP BY symbol WINDOW SESSION(1s);
CREATE VIEW bars AS SELECT symbol, window_start, window_end, COUNT(*) AS n, SUM(size) AS size FROM few GROUP BY symbol WINDOW BARS(TICKS 2);
INSERT INTO a SELECT window_end, COUNT(*) AS symbols, SUM(n) AS n FROM sessions GROUP BY window_end;
INSERT INTO b SELECT window_start, window_end, COUNT(*) AS symbols FROM sessions GROUP BY window_start, window_end;
INSERT INTO c SELECT window_start, COUNT(*) AS symbols FROM sessions GROUP BY window_start EMIT FINAL;
INSERT INTO d SELECT window_start, window_end, COUNT(*) AS symbols, SUM(size) AS size FROM bars GROUP BY window_start, window_end
