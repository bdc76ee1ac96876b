-- System columns beside a window: of the table that the window is over.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, MIN(_offset) AS first, MAX(_partition) AS file, COUNT(DISTINCT _event_time) AS times
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end
