-- Every row shows the state after it.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, VAR_POP(price) AS v, SKEWNESS(price) AS skew, CORR(price, size) AS c, ARG_MAX(size, price) AS at_high, BOOL_OR(side = 'S') AS sold, DELTA(size) AS span
FROM few GROUP BY symbol EMIT CHANGES
