-- Windows on rows that come behind their time, or at the end of the input: they are sorted when it has ended.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK e WITH ('connector' = 'file', 'path' = '${OUT}/e.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK f WITH ('connector' = 'file', 'path' = '${OUT}/f.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW led AS SELECT ts, symbol, size, price, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few;
CREATE VIEW filled AS SELECT symbol, window_start, window_end, window_time, SUM(size) AS size FROM few GROUP BY symbol WINDOW TUMBLING(1s) FILL(0);
CREATE VIEW best AS SELECT ts, symbol, size FROM few QUALIFY ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY size DESC) <= 2;
CREATE VIEW totals AS SELECT symbol, MAX(ts) AS last, SUM(size) AS size FROM few GROUP BY symbol;
CREATE VIEW bars AS SELECT symbol, window_start, window_end, window_time, SUM(size) AS size FROM few GROUP BY symbol WINDOW BARS(TICKS 2);
INSERT INTO a SELECT window_start, window_end, COUNT(*) AS n, COUNT(next) AS led, FIRST(size) AS first FROM HOP(TABLE led, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND) GROUP BY window_start, window_end;
INSERT INTO b SELECT symbol, window_start, window_end, COUNT(*) AS n, TWAP(next, ts) AS twap FROM led GROUP BY symbol WINDOW SESSION(1s);
INSERT INTO c SELECT window_start, window_end, COUNT(*) AS symbols, SUM(size) AS size FROM filled GROUP BY window_start, window_end;
INSERT INTO d SELECT window_start, window_end, COUNT(*) AS n, SUM(size) AS size FROM TUMBLE(TABLE best, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end;
INSERT INTO e SELECT window_start, COUNT(*) AS symbols, SUM(size) AS size FROM TUMBLE(TABLE totals, DESCRIPTOR(last), INTERVAL '2' SECOND) GROUP BY window_start, window_end EMIT FINAL;
INSERT INTO f SELECT window_start, COUNT(*) AS bars, SUM(size) AS size FROM (SELECT * FROM bars UNION ALL SELECT * FROM bars WHERE symbol = 'AAPL') WINDOW TUMBLING(2s)
