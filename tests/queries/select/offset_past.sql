-- Nothing behind more rows than there are; LIMIT 0; LIMIT ALL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT 'past' AS what, symbol FROM (SELECT symbol FROM few ORDER BY ts OFFSET 10)
UNION ALL SELECT 'none', symbol FROM (SELECT symbol FROM few LIMIT 0 OFFSET 1)
UNION ALL SELECT 'last', symbol FROM (SELECT symbol FROM few ORDER BY ts LIMIT ALL OFFSET 9)
UNION ALL SELECT 'huge', symbol FROM (SELECT symbol FROM few ORDER BY ts LIMIT 18446744073709551615 OFFSET 18446744073709551615)
