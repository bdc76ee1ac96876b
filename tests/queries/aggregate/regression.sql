-- Pairs with a NULL do not count; the line through one pair has no slope.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, CORR(price, size) AS corr, COVAR_SAMP(price, size) AS cs, COVAR_POP(price, size) AS cp, REGR_SLOPE(price, size) AS slope,
       REGR_INTERCEPT(price, size) AS intercept, REGR_R2(price, size) AS r2, REGR_R2(1, size) AS flat FROM few GROUP BY symbol
