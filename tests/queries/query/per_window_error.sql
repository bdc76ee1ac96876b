-- A row that cannot be computed takes no place: it is counted, and the next one comes.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, 100 / (SUM(size) - 310) AS part
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND)
GROUP BY window_start, window_end, symbol
ORDER BY symbol LIMIT 1 PER WINDOW
