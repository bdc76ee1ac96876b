-- VARBINARY: literals, functions, comparison by bytes.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, y, OCTET_LENGTH(y) AS n, OCTET_LENGTH('größer') AS g, TO_HEX(y) AS hex, TRY_CAST(y AS VARCHAR) AS text, MD5(y) AS md5, y = x'00ff' AS same, y > x'41' AS above, FROM_HEX('4A') AS j, ENCODE(s, 'UTF-8') AS e, DECODE(ENCODE('ü', 'ISO-8859-1'), 'latin1') AS u,
       CAST('é' AS VARBINARY) AS c, COALESCE(y, x'') AS f, y IN (x'41', x'00FF') AS among, SHA256(x'') AS sha
FROM k WHERE id <> 6
