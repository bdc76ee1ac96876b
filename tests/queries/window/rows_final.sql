-- Rows with their window, sorted by time for one call, and waiting for their window for another.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT window_start, symbol, price, SUM(size) OVER (PARTITION BY symbol ORDER BY ts) AS total, RANK() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS place FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) EMIT FINAL;
INSERT INTO b SELECT window_end, symbol, size, SUM(size) OVER (PARTITION BY window_end) AS of_all FROM TUMBLE(TABLE (SELECT * FROM few WHERE side = 'B' UNION ALL SELECT * FROM few WHERE side = 'S'), DESCRIPTOR(ts), INTERVAL '2' SECOND);
INSERT INTO c SELECT DISTINCT ON (window_start) window_start, symbol, price FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) ORDER BY window_start, price DESC
