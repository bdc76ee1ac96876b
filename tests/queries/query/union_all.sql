-- UNION ALL: names of the first query, types of all, rows in the order of their records, ties in that of the queries.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol AS s, size AS n, 'bought' AS what FROM few WHERE side = 'B'
UNION ALL SELECT side, price, symbol FROM few WHERE size < 60
UNION ALL (SELECT NULL, 1, symbol FROM few WHERE symbol = 'AAPL')
