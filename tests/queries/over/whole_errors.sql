-- A result that its type cannot hold drops the rows that have it, as many as share the frame; the others leave.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK whole WITH ('connector' = 'file', 'path' = '${OUT}/whole.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK near WITH ('connector' = 'file', 'path' = '${OUT}/near.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO whole SELECT symbol, size, SUM(CASE size WHEN 300 THEN 9223372036854775807 ELSE size END) OVER (PARTITION BY symbol) AS sum FROM few;
INSERT INTO near SELECT symbol, size, SUM(CASE size WHEN 300 THEN 9223372036854775807 ELSE size END) OVER (ORDER BY size DESC ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS pair,
  COUNT(*) OVER (ORDER BY size DESC ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before FROM few
