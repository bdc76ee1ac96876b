-- FETCH in the standard form; one row without a number.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT * FROM (SELECT symbol, size FROM few ORDER BY size DESC OFFSET 1 ROW FETCH NEXT 3 ROWS ONLY)
UNION ALL (SELECT symbol, price FROM few ORDER BY price FETCH FIRST ROW ONLY)
