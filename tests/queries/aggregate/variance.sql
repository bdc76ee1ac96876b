-- NULL of too few values: one for the population, two for a sample, three and four for the shape.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(price) AS n, STDDEV(price) AS s, STDDEV_SAMP(price) AS s2, STDDEV_POP(price) AS p, VARIANCE(price) AS v, VAR_SAMP(size) AS v2, VAR_POP(price) AS vp,
       SKEWNESS(size) AS skew, KURTOSIS(size) AS kurt FROM few GROUP BY symbol
