-- Signs, digits and roots: NULL in, NULL out; outside the domain a DOUBLE is NaN.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, SIGN(i) AS si, SIGN(x) AS sx, SIGN(d) AS sd, TRUNC(x) AS tx, TRUNC(d) AS td, TRUNC(d, 2) AS td2, TRUNCATE(d, -1) AS tdm,
       TRUNC(x, 1) AS tx1, SQRT(x) AS sq, CBRT(-27e0) AS cb, ROUND(EXP(n), 6) AS e, SQRT(NULL) AS nothing
FROM v
