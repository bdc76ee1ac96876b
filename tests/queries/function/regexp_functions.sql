-- Groups and replacements; NULL where nothing matches.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, REGEXP_EXTRACT(s, '(\w+) (\w+)') AS whole, REGEXP_EXTRACT(s, '(\w+) (\w+)', 2) AS two, REGEXP_EXTRACT(s, '(x)?l', 1) AS unmatched,
       REGEXP_REPLACE(s, '(\w)(\w)', '$2$1') AS swapped, REGEXP_REPLACE(s, 'x*', '-') AS e, REGEXP_REPLACE(s, p, '$$') AS dollar
FROM v
