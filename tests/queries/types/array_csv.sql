-- ARRAYs in CSV are JSON text.
CREATE TABLE levels (id INT, a ARRAY<BIGINT>, f ARRAY<BOOLEAN>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/levels.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, a, a[2] AS b, f, f[1] AS g, ARRAY[a, NULL] AS deep FROM levels
