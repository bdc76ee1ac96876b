-- EMIT CHANGES of overlapping windows: after each row its group in every window it falls into, the earliest first.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, LAST(price) AS last FROM few GROUP BY symbol WINDOW SLIDING(3s, 1s) EMIT CHANGES
