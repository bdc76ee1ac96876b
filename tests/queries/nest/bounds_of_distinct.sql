-- GROUP BY the bounds that DISTINCT rows have beside them is their window, which closes; WHERE can speak of them too.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW symbols AS SELECT DISTINCT symbol, window_start, window_end FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND);
CREATE VIEW starts AS SELECT DISTINCT side, window_start FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) WHERE window_end > TIMESTAMP '2025-01-02 09:30:01';
INSERT INTO a SELECT window_start, window_end, COUNT(*) AS n, COUNT(symbol) AS known FROM symbols GROUP BY window_start, window_end;
INSERT INTO b SELECT window_start, COUNT(*) AS n FROM starts GROUP BY window_start;
INSERT INTO c SELECT symbol, window_end, COUNT(*) AS n FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) WHERE window_start < TIMESTAMP '2025-01-02 09:30:03' AND window_time > TIMESTAMP '2025-01-02 09:30:01' GROUP BY symbol, window_start, window_end
