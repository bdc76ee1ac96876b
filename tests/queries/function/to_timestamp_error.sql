-- Only id 7 ends in a date.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, TO_TIMESTAMP(SPLIT_PART(s, ' ', -1), 'yyyy-MM-dd') AS t FROM v
