-- TOP is of its own SELECT, also in a UNION.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT TOP 2 symbol, size FROM few WHERE symbol = 'AAPL'
UNION ALL SELECT DISTINCT TOP (2) symbol, 0 FROM few
UNION ALL SELECT TOP 1 side, 1 FROM few WHERE side = 'S'
ORDER BY size DESC, symbol LIMIT 4
