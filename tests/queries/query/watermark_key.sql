-- As a key: ingest does not know it, so that rows meet behind an exchange.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT CURRENT_WATERMARK AS w, COUNT(*) AS n, MIN(ts) AS first FROM back GROUP BY CURRENT_WATERMARK