-- IN a file used as a table; NULL in the list makes what is not found unknown.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, symbol IN (SELECT symbol FROM 'tests/queries/data/watch.csv') AS watched,
  symbol IN (SELECT symbol FROM 'tests/queries/data/watch.csv' WHERE symbol IS NOT NULL) AS known,
  side IN (SELECT symbol FROM 'tests/queries/data/watch.csv') AS unknown
FROM few
