-- How EXPLAIN tells of OFFSET.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, size FROM few ORDER BY size LIMIT 5 OFFSET 10;
EXPLAIN SELECT symbol FROM few OFFSET 3;
EXPLAIN SELECT window_end, symbol, COUNT(*) AS n FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND)
GROUP BY window_start, window_end, symbol ORDER BY n DESC LIMIT 2 OFFSET 1 PER WINDOW;
EXPLAIN SELECT DISTINCT ON (symbol) symbol, price FROM few;
EXPLAIN SELECT DISTINCT ON (symbol) symbol, price FROM few ORDER BY symbol, ts DESC
