-- Every row shows the percentiles after it.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, MEDIAN(price) AS m, PERCENTILE_DISC(size, 0.5) AS d, MODE(side) AS side, APPROX_COUNT_DISTINCT(size) AS sizes, APPROX_PERCENTILE(size, 0.5) AS a, STRING_AGG(side) AS sides
FROM few GROUP BY symbol EMIT CHANGES
