-- ARRAY[..], a[i], CARDINALITY, ELEMENT, CONTAINS, equality, NULLs, ARRAYs of ARRAYs and ROWs.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ARRAY[n, id, NULL] AS a, ARRAY[n, id, NULL][id] AS at, ARRAY[d, 1][2] AS one, CARDINALITY(ARRAY[x]) AS c, ELEMENT(ARRAY[day]) AS e, CONTAINS(ARRAY[1, 2, 3], id) AS among, ARRAY_CONTAINS(ARRAY['a', 'it''s "q"'], 'a') AS t,
       ARRAY[x, 0.5] = ARRAY[x, 0.5] AS same, ARRAY[b] <> ARRAY[NOT b] AS differ, ARRAY[ARRAY[1], ARRAY[id, 2]] AS deep, ARRAY[ARRAY[1], ARRAY[id, 2]][2][1] AS within, ROW(id, day, 'x') AS r, ROW(id, ROW(d)).f1.f0 AS f,
       ARRAY[x'00ff', CAST('é' AS BYTES)] AS y, ARRAY[CAST(x AS REAL), 0.1] AS real, CAST(ARRAY[id] AS VARCHAR) || '!' AS text, ARRAY[TIME '09:30'] AS clock, ARRAY[b, NULL] IS NULL AS none, COALESCE(ARRAY[d][2], d) AS v
FROM numbers
