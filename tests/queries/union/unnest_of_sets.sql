-- UNION of elements of a union: GROUPING SETS are one, whose rows UNNEST takes before they meet those of the other query.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW sets AS SELECT symbol, side, COUNT(*) AS n, MAX(size) AS most FROM few GROUP BY GROUPING SETS ((symbol), (side));
CREATE VIEW elements AS SELECT symbol, side, x FROM sets CROSS JOIN UNNEST(ARRAY[n, most + 1]) AS u (x);
SELECT symbol, side, x FROM elements WHERE symbol IS NOT NULL UNION SELECT side, symbol, x FROM elements WHERE x > 2 EMIT FINAL
