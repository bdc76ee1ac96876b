-- EXPLAIN: an aggregate for each set over one decode of the rows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, COUNT(*) AS n FROM few WHERE size > 5 GROUP BY ROLLUP (symbol)
