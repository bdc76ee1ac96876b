-- Cumulating windows that begin together are one group of their start, several of their end.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW steps AS SELECT symbol, window_start, window_end, COUNT(*) AS n FROM CUMULATE(TABLE few, DESCRIPTOR(ts), INTERVAL '500' MILLISECOND, INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end;
INSERT INTO a SELECT window_start, COUNT(*) AS windows, SUM(n) AS n FROM steps GROUP BY window_start EMIT FINAL;
INSERT INTO b SELECT window_start, window_end, COUNT(*) AS symbols, SUM(n) AS n FROM steps GROUP BY window_start, window_end
