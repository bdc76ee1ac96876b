-- LOG of one argument is natural; DECIMALs and integers enter as DOUBLE; LN(0) is -inf.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ROUND(LN(i), 9) AS ln, ROUND(LOG(d), 9) AS log, LOG(2, 8) AS three, LOG10(1000) AS ten, LOG2(b) AS two, LOG(10, 0.01) AS hundredth,
       POWER(n, 2) AS square, POW(2, -1) AS half, POWER(x, 0) AS one
FROM v
