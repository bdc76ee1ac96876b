-- How EXPLAIN tells of them.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, size FROM few EXCEPT SELECT side, 1 FROM few;
EXPLAIN SELECT symbol FROM few INTERSECT ALL SELECT side FROM few
