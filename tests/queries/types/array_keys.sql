-- ARRAYs and ROWs as keys: one NaN and one zero, NULLs within are equal.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ARRAY[x, NULL] AS a, ROW(b) AS r, COUNT(*) AS n, COUNT(DISTINCT ARRAY[d]) AS d, LAST(ARRAY[id]) AS last FROM numbers GROUP BY ARRAY[x, NULL], ROW(b)
