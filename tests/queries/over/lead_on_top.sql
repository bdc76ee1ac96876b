-- OVER on top of LEAD: by its keys, by more of them, and LEAD again; ranks of whole partitions by any key.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW led AS SELECT ts, symbol, side, size, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few;
INSERT INTO a SELECT ts, symbol, next, SUM(next) OVER w AS pair, LAG(next) OVER w AS before, COUNT(*) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN INTERVAL '2' SECOND PRECEDING AND CURRENT ROW) AS near
FROM led WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
INSERT INTO b SELECT symbol, side, next, ROW_NUMBER() OVER (PARTITION BY symbol, side ORDER BY ts) AS n FROM led;
INSERT INTO c SELECT symbol, size, next FROM led QUALIFY ROW_NUMBER() OVER (ORDER BY next - size DESC NULLS LAST, ts) <= 3;
INSERT INTO d SELECT symbol, size, next, LEAD(next) OVER (PARTITION BY symbol ORDER BY ts) AS second FROM led
