-- A NULL key, and ARRAYs of keys and values that are not as many, are row errors.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, MAP[CASE WHEN id = 1 THEN NULL ELSE 'k' END, id] AS m, MAP_FROM_ARRAYS(CASE WHEN id = 2 THEN ARRAY[1, 2] WHEN id = 3 THEN ARRAY[CAST(NULL AS INT)] ELSE ARRAY[id] END, ARRAY[id]) AS f FROM numbers
