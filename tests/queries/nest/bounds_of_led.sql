-- GROUP BY the bounds of rows that come late, or at the end, since LEAD or a rank has stood between.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW beside AS SELECT ts, symbol, size, window_start, window_end FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND);
CREATE VIEW led AS SELECT symbol, ts, window_start, window_end, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS later FROM beside EMIT FINAL;
CREATE VIEW ranked AS SELECT symbol, window_start, window_end, RANK() OVER (ORDER BY size DESC) AS place FROM beside;
INSERT INTO a SELECT window_start, window_end, COUNT(*) AS n, SUM(later) AS later FROM led GROUP BY window_start, window_end;
INSERT INTO b SELECT window_start, COUNT(*) AS n, MIN(place) AS best FROM ranked GROUP BY window_start, window_end;
INSERT INTO c SELECT symbol, window_end, later, RANK() OVER (PARTITION BY window_start, window_end ORDER BY later DESC) AS place FROM led
