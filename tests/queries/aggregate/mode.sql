-- Of the most frequent values the one seen first; NULL of no value.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT day, MODE(b) AS b, MODE(x) AS x, MODE(d) AS d, MODE(n) FILTER (WHERE n > 1000) AS none FROM numbers GROUP BY day
