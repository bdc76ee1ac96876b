-- FILTER inside a frame, VWAP of exact numbers and of DOUBLEs, of no size and of no row; an argument that fails only where it is filtered out.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, size, COUNT(*) FILTER (WHERE side = 'B') OVER w AS buys, SUM(size) FILTER (WHERE side = 'B') OVER w AS bought,
       VWAP(price, size) OVER w AS vwap, VWAP(CAST(price AS DOUBLE), CAST(size AS DOUBLE)) OVER w AS vwap_double,
       VWAP(price, size - size) OVER w AS of_no_size,
       VWAP(price, size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS before,
       MAX(100 / size) FILTER (WHERE size <> 0) OVER w AS inverse
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING)
