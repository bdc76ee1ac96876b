-- Two tables in one order by their times; an aggregate in one of the queries.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH big AS (SELECT ts, symbol, size FROM trades WHERE size > 480)
SELECT ts, symbol, size FROM big
UNION ALL SELECT ts, symbol, size FROM few
UNION ALL SELECT window_end, symbol, SUM(size) FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end, symbol
