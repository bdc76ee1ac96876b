-- GROUP BY ALL: the items without aggregates are the keys, an alias used again among them.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COALESCE(side, '?') AS s, s || '!' AS mark, 7 AS seven, COUNT(*) AS n, SUM(size) AS volume, volume * 2 AS twice
FROM few GROUP BY ALL HAVING n > 0 ORDER BY symbol, s
