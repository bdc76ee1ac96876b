-- Precision and scale of DECIMAL results, integer division towards zero, remainders, DOUBLE with its NaN and infinities.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, d + 1 AS plus, d * d AS square, d / 3 AS third, -d AS negated, n / 7 AS sevenths, n % 7 AS rest, MOD(-n, 7) AS negative_rest,
       x + 1 AS x1, x / 0 AS over_zero, ABS(d) AS size, ROUND(d) AS r0, ROUND(d, 1) AS r1, CEIL(d) AS up, FLOOR(d) AS down
FROM numbers
