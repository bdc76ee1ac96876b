-- Parts by code points: NULL in, NULL out; negative counts leave out from the other end.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, LEFT(s, n) AS l, RIGHT(s, n) AS r, LPAD(s, 6, p) AS lp, RPAD(s, 18) AS rp, LPAD('ab', 5, '') AS unfilled, REVERSE(s) AS rev,
       REPEAT(p, n) AS rep, REPLACE(s, p, '<>') AS repl, REPLACE('aaa', 'a', 'aa') AS twice
FROM v
