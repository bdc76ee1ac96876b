-- One table twice: each record causes two rows, the first query's first.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, what, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) AS n, SUM(v) OVER (PARTITION BY symbol ORDER BY ts ROWS 1 PRECEDING) AS two
FROM (SELECT ts, symbol, 'size' AS what, size AS v FROM few UNION ALL SELECT ts, symbol, 'price', price FROM few)
