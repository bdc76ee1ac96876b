-- DISTINCT in frames: a value is there from its first row to its last, NULL never; sketches are exact over frames.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, size, COUNT(DISTINCT side) OVER w AS sides, COUNT(DISTINCT symbol) OVER b AS symbols, SUM(DISTINCT size) OVER r AS sizes,
       AVG(DISTINCT size / 100) OVER w AS hundreds, SUM(DISTINCT CAST(size AS DOUBLE) / 3) OVER b AS thirds, STRING_AGG(DISTINCT side, '') OVER r AS seen,
       MEDIAN(DISTINCT size) OVER r AS median, VAR_POP(DISTINCT size) OVER w AS variance, MAX(DISTINCT price) OVER w AS greatest,
       ARRAY_AGG(DISTINCT side) OVER b AS array, COUNT(DISTINCT size) FILTER (WHERE side = 'B') OVER r AS of_buys,
       APPROX_COUNT_DISTINCT(side) OVER w AS about, APPROX_PERCENTILE(size, 0.5) OVER w AS half
FROM few
WINDOW w AS (ORDER BY ts ROWS 3 PRECEDING), b AS (ORDER BY ts RANGE BETWEEN INTERVAL '2' SECOND PRECEDING AND INTERVAL '1' SECOND PRECEDING), r AS (ORDER BY ts)
