-- With ALL a row is given as often as both have it.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol FROM few WHERE side = 'B' INTERSECT ALL (SELECT symbol FROM few ORDER BY ts LIMIT 4)
