-- EXCEPT gives each row once, in the order of the left; NULLs are equal, and so are 100 and 100.00.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, size FROM few EXCEPT SELECT symbol, side, CAST(size AS DECIMAL(10,2)) FROM few WHERE size > 60 OR symbol IS NULL
