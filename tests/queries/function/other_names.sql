-- What other engines call them; NULL in, NULL out, but for IFNULL and IIF.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CEILING(d) AS up, CHARACTER_LENGTH(s) AS points, LEN(s) AS len, SUBSTR(s, 2, 3) AS part, LCASE(s) AS low, UCASE(s) AS high,
       STARTSWITH(s, p) AS starts, ENDSWITH(s, p) AS ends, REGEXP(s, '^[a-z]') AS letter, UNHEX(MD5(p)) AS bytes, XOR(i, n) AS bits,
       IFNULL(n, -1) AS n, IIF(n > 0, 'above', 'not above') AS sign, DAYOFMONTH(ts) AS day, LOCALTIME = CURRENT_TIME AS same
FROM v
