-- Casts of ARRAYs part by part; a part that does not cast is an error of its row, NULL in TRY_CAST.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, CAST(ARRAY[x, 2.6] AS ARRAY<INT>) AS whole, CAST(ARRAY[id, NULL] AS ARRAY<VARCHAR>) AS texts, CAST(ARRAY[ARRAY[d]] AS ARRAY<ARRAY<DOUBLE>>) AS deep, TRY_CAST(ARRAY['1', CAST(x AS VARCHAR)] AS ARRAY<INT>) AS some, CAST(ARRAY[ROW(id, day)] AS ARRAY<VARCHAR>)[1] AS text
FROM numbers
