-- Aggregates that keep the values of the frame: percentiles, the most frequent value, joined texts; NULL of a frame without a value.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, size, side, MEDIAN(price) OVER w AS median, PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY size) OVER w AS quarter,
       PERCENTILE_DISC(price, 0.5) OVER r AS disc, MODE(side) OVER w AS mode, MODE(size) OVER r AS running_mode,
       STRING_AGG(side, '/') OVER w AS sides, STRING_AGG(side) FILTER (WHERE size > 50) OVER r AS large,
       ARRAY_AGG(size) OVER w AS sizes,
       MEDIAN(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS before
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING), r AS (PARTITION BY symbol ORDER BY ts)
