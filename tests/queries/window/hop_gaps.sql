-- A slide longer than the size: rows between two windows are in none, and are filtered.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, COUNT(*) AS n, MIN(ts) AS first FROM trades WINDOW HOPPING (SIZE 1 SECOND, ADVANCE BY 3 SECONDS)
