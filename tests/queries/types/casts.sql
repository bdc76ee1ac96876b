-- Casts between texts, times, intervals, bytes and truth values; TRY_CAST is NULL where there is no value.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, TRY_CAST(s AS TIME) AS t, TRY_CAST(s AS DATE) AS d, TRY_CAST(s AS TIMESTAMP_LTZ) AS z, TRY_CAST(s AS REAL) AS r, CAST(s AS BYTES) AS y, TRY_CAST(s || ' h' AS INTERVAL) AS i, CAST('1 day 2h' AS INTERVAL) AS l, CAST(INTERVAL '30' HOUR AS TIME) AS six,
       CAST(r AS BOOLEAN) AS b, CAST(id > 3 AS REAL) AS one, CAST('yes' AS BOOLEAN) AS yes, CAST('2025-01-02 03:04:05' AS DATE) AS day, CAST('2025-01-02 03:04:05' AS TIME) AS clock, TRY_CAST(CAST(id AS BIGINT) * 1000000000 AS INT) AS big, TRY_CAST(r AS DECIMAL(3,1)) AS narrow
FROM k WHERE id <> 6
