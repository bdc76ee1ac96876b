-- Calendar arithmetic: the last day of short months, whole units and beginnings of units.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, TIMESTAMPADD(MONTH, 1, TIMESTAMP '2025-01-31 10:00:00') AS month, TIMESTAMPADD(QUARTER, n, ts) AS quarter, DATEADD('day', -1, ts) AS day,
       TIMESTAMPADD(NANOSECOND, 1, ts) AS ns, TIMESTAMPDIFF(DAY, ts, TIMESTAMP '2025-01-02 00:00:00') AS days, TIMESTAMPDIFF(MONTH, ts, TIMESTAMP '2024-12-31 23:59:59.6') AS months,
       DATEDIFF('year', ts, DATE '2025-01-01') AS years, DATEDIFF('week', ts, DATE '2025-01-05') AS weeks, DATEDIFF(DATE '2024-03-01', ts) AS between_days, DATE_DIFF('hour', NULL, ts) AS nothing
FROM v
