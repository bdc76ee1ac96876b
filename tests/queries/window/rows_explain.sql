-- What ranks the rows of each window waits until it closes.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, side ORDER BY price DESC) AS number FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) WHERE number <= 3;
EXPLAIN SELECT window_start, COUNT(*) AS n FROM (SELECT window_start, window_end, size FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY window_start, window_end LATE DATA ALLOW 1s
