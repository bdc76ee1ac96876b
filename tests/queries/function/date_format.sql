-- Flink's letters or, where the pattern holds a %, strftime.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, DATE_FORMAT(ts, 'yyyy-MM-dd HH:mm:ss.SSS') AS letters, DATE_FORMAT(ts, 'd.M.yy h a, ''day'' DDD EEEE') AS words, STRFTIME(ts, '%b %-d %Y %T.%6f') AS directives,
       DATE_FORMAT(DATE '2024-02-29', 'MMMM') AS of_date, DATE_FORMAT(NULL, '%F') AS nothing
FROM v
