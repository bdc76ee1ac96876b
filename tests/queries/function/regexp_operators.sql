-- Regular expressions as operators and SIMILAR TO; a pattern may come from a column.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, s ~ '^h.*d$' AS m, s ~* 'SMITH' AS i, s !~ '\d' AS no, s !~* 'GRÖSSER|HELLO' AS noi, s SIMILAR TO '%(o|ß)_*' AS sim, s NOT SIMILAR TO 'h%' AS nos,
       s RLIKE 'l+' AS rl, REGEXP_LIKE(s, p) AS col, REGEXP_MATCH(s, NULL) AS nothing
FROM v
