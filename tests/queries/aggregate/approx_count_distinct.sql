-- Of no value it is 0; NaN is one value, and so is zero.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT b, APPROX_COUNT_DISTINCT(x) AS x, APPROX_COUNT_DISTINCT(d) AS d, APPROX_COUNT_DISTINCT(n) FILTER (WHERE n > 1000) AS none FROM numbers GROUP BY b
