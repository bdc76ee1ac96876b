-- Groups, OVER, DISTINCT ON and top-N of them: rows come in the order in which they are written.
CREATE VIEW v (k, n) AS VALUES ('a', 3), ('b', 1), ('a', NULL), (NULL, 5), ('b', 2), (NULL, -5);
SELECT 'group' AS what, k, SUM(n) AS n FROM v GROUP BY k
UNION ALL SELECT 'over', k, ROW_NUMBER() OVER (PARTITION BY k) FROM v
UNION ALL SELECT 'first', * FROM (SELECT DISTINCT ON (k) k, n FROM v)
UNION ALL SELECT 'top', * FROM (SELECT * FROM v ORDER BY n DESC LIMIT 2)
UNION ALL SELECT 'except', * FROM (SELECT * FROM v EXCEPT VALUES ('a', NULL), (NULL, 5))
