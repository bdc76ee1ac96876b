-- Time arithmetic and parts of time.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, ts + INTERVAL '1' HOUR AS later, ts - INTERVAL '500' MILLISECOND AS sooner, ts - TIMESTAMP '2025-01-02 09:30:00' AS since,
       DATE_TRUNC('second', ts) AS s, DATE_TRUNC('day', ts) AS d, EXTRACT(SECOND FROM ts) AS sec, HOUR(ts) AS h, MINUTE(ts) AS m,
       ts >= TIMESTAMP '2025-01-02 09:30:03' AS from_3
FROM few
