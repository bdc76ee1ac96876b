-- A pattern from a column that is none, and a group that does not exist, are row errors.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, REGEXP_LIKE('a', p || '(') AS bad, REGEXP_EXTRACT(s, 'l', n) AS group_n FROM v
