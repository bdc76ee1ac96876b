-- Sessions of all rows, and a filter that leaves some of them without a value.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, MAX(price) FILTER (WHERE symbol = 'AAPL') AS high FROM few WINDOW SESSION (500 MILLISECONDS)
