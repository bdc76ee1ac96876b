-- Variance and its kin, correlation and regression of the last three rows and of all so far; NULLs are skipped, too few rows give NULL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price, size, VAR_POP(price) OVER w AS var_pop, STDDEV(price) OVER w AS stddev, SKEWNESS(price) OVER r AS skewness,
       COVAR_POP(price, size) OVER w AS covar, REGR_SLOPE(price, size) OVER r AS slope,
       BOOL_AND(side = 'B') OVER w AS all_buys, STDDEV_POP(size) FILTER (WHERE side = 'B') OVER r AS of_buys
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING), r AS (PARTITION BY symbol ORDER BY ts)
