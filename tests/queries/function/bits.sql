-- Two's complement; a count of bits outside 0..63 is a row error.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, i & 12 AS a, i | 8 AS o, i ^ -1 AS x, ~b AS inverted, BITXOR(b, b) AS zero, 1 << 62 AS high, b >> 1 AS half, 1 << n AS moved,
       BITAND(i, 255) + BITOR(1, 2) AS calls, BITNOT(i) AS turned, BITSHIFTLEFT(1, 3) AS eight, BITSHIFTRIGHT(-9, 1) AS down, NULL & 1 AS nothing
FROM v
