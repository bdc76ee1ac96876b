-- IS NULL, IS DISTINCT FROM, and NOT over NULL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, price, size, side,
       side IS NULL AS no_side, side = '' AS empty_side, side IS DISTINCT FROM 'B' AS not_b, NOT (side = 'B') AS not_equal
FROM few WHERE symbol IS NULL OR price IS NULL OR size IS NULL OR side IS NULL OR side = ''
