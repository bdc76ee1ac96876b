-- In source order, NULLs left out; an empty text is a text.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, STRING_AGG(side) AS sides, LISTAGG(CAST(size AS VARCHAR), ' + ') AS sizes, STRING_AGG(DISTINCT side, '/') AS kinds, STRING_AGG(side, '') FILTER (WHERE size < 0) AS none
FROM few GROUP BY symbol
