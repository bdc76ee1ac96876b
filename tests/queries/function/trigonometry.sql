-- Angles in radians, rounded so that every libm prints the same.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ROUND(SIN(n), 9) AS s, ROUND(COS(n), 9) AS c, ROUND(TAN(n), 9) AS t, ROUND(COT(1), 9) AS ct, ROUND(ASIN(x), 9) AS asn, ROUND(ACOS(x), 9) AS acs,
       ROUND(ATAN(x), 9) AS atn, ROUND(ATAN2(n, -1), 9) AS a2, ROUND(RADIANS(180), 9) AS r, ROUND(DEGREES(PI()), 6) AS g
FROM v
