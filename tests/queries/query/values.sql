-- VALUES in FROM: the types of a column are those that all its rows go together in.
SELECT x, y, z, w, x * 2 AS twice
FROM (VALUES (1, 'a', NULL, DATE '2025-01-02'), (2.5, NULL, 1e2, '2025-01-03'), (-3, 'größer', 3, NULL)) AS t (x, y, z, w)
WHERE x < 2.6
