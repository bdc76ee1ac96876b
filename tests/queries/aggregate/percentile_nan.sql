-- NaN is behind every number, infinities at the ends; -0.0 is 0.0.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT b, MEDIAN(x) AS m, PERCENTILE_DISC(x, 0.5) AS d, PERCENTILE_CONT(x, 1) AS greatest, PERCENTILE_CONT(x, 0) AS least, APPROX_PERCENTILE(x, 0.5) AS a, MEDIAN(DISTINCT d) AS distinct_d FROM numbers GROUP BY b
