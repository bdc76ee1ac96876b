-- Slices from 1, both ends included; left out, from the end, empty, beyond, NULL; of slices and of nested ARRAYs.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ARRAY[n, id, NULL][1:2] AS two, ARRAY[1, 2, 3][id:] AS behind, ARRAY[1, 2, 3][:id - 4] AS upto, ARRAY[1, 2, 3][:] AS whole, ARRAY[1, 2, 3][-2:] AS last, ARRAY[1, 2, 3][0:1] AS zero, ARRAY[1, 2, 3][3:1] AS none,
       ARRAY[1, 2, 3][-9:9] AS beyond, ARRAY[1, 2, 3][:-9] AS before, ARRAY[1, 2, 3][NULL:2] AS unknown, ARRAY[ARRAY['a'], ARRAY['b', 'c']][2:2][1][2:] AS deep, ARRAY_SLICE(ARRAY[d, x], -1) AS one, CARDINALITY(ARRAY[b, b, b][id:2]) AS left_over, LIST_SLICE(ARRAY[n, id], 1, NULL) AS unbounded, LIST_SLICE(ARRAY[n, id], 2, 2) AS second
FROM numbers
