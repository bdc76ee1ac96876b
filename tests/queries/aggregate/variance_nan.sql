-- A NaN or an infinity spoils its own group only; equal values have no shape.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT day, VAR_POP(x) AS x, VAR_SAMP(n) AS n, SKEWNESS(d) AS skew, KURTOSIS(id) AS kurt, SKEWNESS(n - n) AS flat FROM numbers GROUP BY day
