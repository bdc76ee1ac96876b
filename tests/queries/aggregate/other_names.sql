-- What DuckDB calls them, of values of which some are NULL, and of none.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT QUANTILE_CONT(n, 0.5) AS middle, PERCENTILE_CONT(n, 0.5) AS same, QUANTILE_DISC(n, 0.9) AS high, PERCENTILE_DISC(n, 0.9) AS the_same,
       APPROX_QUANTILE(n, 0.5) = APPROX_PERCENTILE(n, 0.5) AS about, QUANTILE_CONT(n, 0.5) FILTER (WHERE id < 0) AS nothing
FROM v
