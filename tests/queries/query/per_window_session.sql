-- Sessions of one end, each by itself.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n
FROM few GROUP BY symbol WINDOW SESSION(1s) ORDER BY n DESC, symbol LIMIT 3 PER WINDOW
