-- MAP literals, m[k], functions, NULLs, equality; keys of several types.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, MAP['b', n, 'a', id] AS m, MAP['a', id, 'b', n] = MAP['b', n, 'a', id] AS same, MAP['b', n, 'a', id]['b'] AS b, MAP['a', 1]['c'] AS none, MAP['a', 1][NULL] AS unknown, ELEMENT_AT(MAP[1, 'x', 2, 'y'], id) AS at,
       MAP[day, x, DATE '2025-01-01', 0.5] AS days, MAP[id, 'own', 2, 'two', 3, NULL] AS last, MAP[b, 1, NOT b, 2] IS NULL AS lost, CARDINALITY(MAP['a', d, 'b', d]) AS n, MAP[id, n] <> MAP[1, n] AS differ, MAP_KEYS(MAP['b', 1, 'a', 2]) AS keys,
       MAP_VALUES(MAP['b', 1, 'a', 2]) AS vals, MAP_ENTRIES(MAP['b', 1, 'a', NULL]) AS entries, MAP_ENTRIES(MAP['b', 1])[1].value AS one, MAP_FROM_ARRAYS(ARRAY['x', 'y'], ARRAY[id, n]) AS made, MAP[x'00ff', MAP['in', id]][x'00FF']['in'] AS deep,
       MAP[TIMESTAMP '2025-01-02 03:04:05', 1] AS times, COALESCE(MAP['a', 1]['b'], -1) AS other
FROM numbers WHERE b IS NOT NULL AND day IS NOT NULL AND d IS NOT NULL
