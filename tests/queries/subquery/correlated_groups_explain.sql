-- EXPLAIN: the keys of the row around come before those of GROUP BY.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol FROM few WHERE EXISTS (SELECT 1 FROM few AS q WHERE q.symbol = few.symbol GROUP BY q.side HAVING COUNT(*) > 1)
