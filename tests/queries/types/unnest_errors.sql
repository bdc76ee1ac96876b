-- A record whose array cannot be made is refused, and an element that cannot be computed with is one row less.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, size, 100 / x AS part FROM few CROSS JOIN UNNEST(ARRAY[size - 100, 1000 / (size - 50), 4]) AS u (x)
