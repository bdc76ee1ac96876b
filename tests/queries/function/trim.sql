-- TRIM of spaces or of a set of characters, on both sides or one.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, TRIM(s) AS t, '[' || LTRIM(s) || ']' AS l, '[' || RTRIM(s) || ']' AS r, TRIM(BOTH 'gh ' FROM s) AS b, TRIM(LEADING 'h' FROM s) AS lead,
       TRIM(TRAILING 'dß' FROM s) AS trail, TRIM('x' FROM 'xxaxx') AS w, TRIM(LEADING ' y ') AS side, LTRIM('xyz', 'yx') AS z, BTRIM('aba', 'a') AS m,
       TRIM(s, 'h') AS comma
FROM v
