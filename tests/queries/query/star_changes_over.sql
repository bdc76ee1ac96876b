-- Aggregates, OVER, subqueries and UNNEST in the values of REPLACE.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW sums AS
SELECT * REPLACE (SUM(size) AS size) FROM (SELECT symbol, size FROM few) GROUP BY symbol;
SELECT * REPLACE ((SELECT MAX(size) FROM sums) AS price, UNNEST(ARRAY[side, LOWER(side)]) AS side)
FROM (SELECT * REPLACE (SUM(size) OVER (PARTITION BY symbol ORDER BY ts) AS size) FROM few)
