-- Groups by elements, by columns of the table, and both; without keys.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv');
CREATE VIEW parts AS SELECT symbol, size, part, n FROM few CROSS JOIN UNNEST(ARRAY[side, 'all', symbol]) WITH ORDINALITY AS p (part, n);
INSERT INTO a SELECT part, COUNT(*) AS n, SUM(size) AS volume FROM parts GROUP BY part EMIT FINAL;
INSERT INTO b SELECT symbol, COUNT(part) AS n, MAX(n) AS most FROM parts WHERE size > 10 AND n <> 2 GROUP BY symbol EMIT CHANGES;
INSERT INTO c SELECT symbol, part, STRING_AGG(CAST(size AS VARCHAR), '+') AS sizes FROM parts GROUP BY symbol, part EMIT FINAL;
INSERT INTO d SELECT COUNT(*) AS n, COUNT(part) AS known, SUM(size * n) AS sum FROM parts EMIT FINAL
