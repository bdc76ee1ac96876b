-- A key that is an alias, whose item uses another alias.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT size / 100 AS hundreds, hundreds + 1 AS above, COUNT(*) AS n FROM few GROUP BY above, 1
