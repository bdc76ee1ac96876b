-- Of no value they are NULL.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT day, BOOL_AND(b) AS every_one, EVERY(b) AS every_alias, BOOL_OR(b) AS some, BOOL_OR(n > 50) AS big, BOOL_AND(b) FILTER (WHERE n > 1000) AS none FROM numbers GROUP BY day
