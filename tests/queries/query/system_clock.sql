-- The arrival stamp is in every row, and every call of the clock reads it; nothing of it is compared with another run.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, _timestamp IS NOT NULL AS has, NOW() = _timestamp AS now, CURRENT_TIMESTAMP = PROCTIME() AS same, CURRENT_DATE = CAST(NOW() AS DATE) AS day, LOCALTIMESTAMP - NOW() = INTERVAL '0' SECOND AS none, _worker >= 0 AS worker
FROM few WHERE NOW() IS NOT NULL
