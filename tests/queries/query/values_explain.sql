-- EXPLAIN and DESCRIBE of VALUES and of a query without FROM.
CREATE VIEW v (k, n) AS VALUES ('a', 3), ('b', 1.5), (NULL, NULL);
DESCRIBE v;
EXPLAIN SELECT k, SUM(n) FROM v GROUP BY k;
EXPLAIN SELECT 1 + 1 AS two
