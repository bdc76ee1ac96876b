-- NULLs are skipped; of no value a percentile is NULL; the two spellings are one.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, MEDIAN(price) AS m, PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY size) AS q1, PERCENTILE_CONT(size, 0.25) AS q1_too, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY price) AS d,
       PERCENTILE_DISC(ts, 1) AS last, PERCENTILE_DISC(size, 0) AS least, MEDIAN(size) FILTER (WHERE size > 1000) AS none FROM few GROUP BY symbol
