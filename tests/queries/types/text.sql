-- TIME, TIMESTAMP_LTZ, REAL and VARBINARY are read and written; record 6 has none of each type.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, t, z, r, y, CAST(t AS VARCHAR) AS t_text, CAST(z AS VARCHAR) AS z_text, CAST(r AS VARCHAR) AS r_text, TRY_CAST(y AS VARCHAR) AS y_text FROM k
