-- REAL with REAL is REAL, with a literal too; with another number it is DOUBLE.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, r, r + r AS sum, r * 3 AS three, r / CAST(3 AS REAL) AS third, r + CAST(1 AS DOUBLE) AS d, r + id AS i, r = 0.1 AS tenth, -r AS minus, ABS(r) AS abs, CAST(r AS DOUBLE) AS wide, CAST(0.1 AS REAL) AS l, CAST(id AS REAL) / 3 AS q,
       TRY_CAST(s AS REAL) AS s, TRY_CAST(r AS INT) AS n, TRY_CAST(r AS DECIMAL(9,4)) AS c, COALESCE(r, 1.5) AS e, r IN (0.1, 2) AS among, CASE WHEN r > 1 THEN r ELSE 2 END AS w
FROM k WHERE id <> 6
