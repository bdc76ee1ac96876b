-- OVER on rows that do not come in its order: whole partitions of them, sorted.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW led AS SELECT ts, symbol, side, size, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few;
CREATE VIEW filled AS SELECT symbol, window_start, window_end, window_time, SUM(size) AS size FROM few GROUP BY symbol WINDOW TUMBLING(1s) FILL(0);
CREATE VIEW totals AS SELECT symbol, MAX(ts) AS last, SUM(size) AS size FROM few GROUP BY symbol;
INSERT INTO a SELECT ts, side, next, SUM(next) OVER (PARTITION BY side ORDER BY ts ROWS 1 PRECEDING) AS two, COUNT(*) OVER (ORDER BY ts RANGE INTERVAL '1' SECOND PRECEDING) AS near, LAG(size) OVER (PARTITION BY side ORDER BY ts) AS before FROM led;
INSERT INTO b SELECT window_end, symbol, size, SUM(size) OVER (PARTITION BY symbol ORDER BY window_time) AS total, SUM(size) OVER (PARTITION BY window_end) AS of_all FROM filled EMIT FINAL;
INSERT INTO c SELECT symbol, last, SUM(size) OVER (ORDER BY last) AS upto, RANK() OVER (ORDER BY size DESC) AS place FROM totals
