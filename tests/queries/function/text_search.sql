-- Where a part is, and parts between delimiters: SPLIT_PART from 1 or from the end, SPLIT_INDEX from 0.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, POSITION(p IN s) AS pos, STRPOS(s, 'o') AS o, INSTR(s, 'groß') AS g, POSITION('' IN s) AS e, STARTS_WITH(s, 'he') AS st, ENDS_WITH(s, p) AS en,
       CONTAINS(s, p) AS co, SPLIT_PART(s, ' ', 1) AS first, SPLIT_PART(s, ' ', -1) AS last, SPLIT_PART(s, ',', 3) AS empty, SPLIT_PART(s, '', 1) AS whole,
       SPLIT_INDEX(s, ',', 3) AS third, SPLIT_INDEX(s, ' ', n) AS nth
FROM v
