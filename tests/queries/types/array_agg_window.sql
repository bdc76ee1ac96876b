-- ARRAY_AGG per window, its elements by place; sizes of windows that merge panes.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, ARRAY_AGG(price) AS prices, ARRAY_AGG(price)[2] AS second, CONTAINS(ARRAY_AGG(side), 'S') AS sold
FROM HOP(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end
