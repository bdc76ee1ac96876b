-- A table function without an aggregate: each row with its window, and what stands on top of that.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK e WITH ('connector' = 'file', 'path' = '${OUT}/e.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW windowed AS SELECT *, size * price AS notional FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) WHERE price IS NOT NULL;
INSERT INTO a SELECT * FROM windowed;
INSERT INTO b SELECT window_start, window_end, window_time, symbol, COUNT(*) AS n, SUM(notional) AS notional FROM windowed WHERE size > 5 GROUP BY window_start, window_end, window_time, symbol;
INSERT INTO c SELECT window_end, symbol, price, number FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS number FROM windowed) WHERE number <= 2;
INSERT INTO d SELECT window_start, symbol, price FROM windowed ORDER BY price LIMIT 1 PER WINDOW;
INSERT INTO e SELECT symbol, window_start, LAG(price) OVER (PARTITION BY symbol, window_start ORDER BY ts) AS before FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND)
