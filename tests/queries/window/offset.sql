-- Windows from 9:30:00.5 on.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '500' MILLISECOND) GROUP BY window_start, window_end, symbol
