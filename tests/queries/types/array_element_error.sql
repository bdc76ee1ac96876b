-- ELEMENT of several elements is a row error.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, ELEMENT(CASE WHEN id = 2 THEN ARRAY[id, id] ELSE ARRAY[id] END) AS e FROM numbers
