-- INTERSECT gives the rows that both have, each once; text literals and NULLs take the type of the other side.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, NULL AS n FROM few INTERSECT SELECT symbol, side, size FROM few WHERE size IS NULL OR size < 60
UNION ALL
SELECT side, symbol, 1 FROM few WHERE size IS NULL INTERSECT SELECT 'B', symbol, 1 FROM few
