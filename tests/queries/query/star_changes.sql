-- Columns of * left out, with other values and under other names; what ORDER BY and later items name are those.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.* EXCLUDE (side, ts) REPLACE (size * 2 AS size, COALESCE(symbol, '-') AS symbol) RENAME (price AS cost, size AS "Twice"),
       cost * 2 AS double, size AS plain, * EXCEPT (symbol, price) RENAME side AS "from"
FROM few AS f
WHERE size < 250
ORDER BY "Twice" DESC, symbol
