-- Instants from texts and from epoch numbers; what is none is a row error.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, TO_TIMESTAMP(n) AS seconds, TO_TIMESTAMP(d) AS exact, TO_TIMESTAMP(1.5e0) AS double, TO_TIMESTAMP_LTZ(1736000000123, 3) AS ms,
       TO_TIMESTAMP('2025-01-02 09:30:00.5') AS iso, TO_TIMESTAMP('02/01/2025 09:30', 'dd/MM/yyyy HH:mm') AS letters, TO_TIMESTAMP('20250102', '%Y%m%d') AS day,
       FROM_UNIXTIME(n) AS text, FROM_UNIXTIME(86400, 'yyyyMMdd') AS short, UNIX_TIMESTAMP(ts) AS epoch, UNIX_TIMESTAMP('1970-01-02') AS of_text,
       UNIX_TIMESTAMP('2.1.1970', 'd.M.yyyy') AS of_letters
FROM v
