-- A source that is partitioned by a part of the keys: both statements share a route.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true',
        'partitioned.by' = 'symbol');
SELECT side, symbol, COUNT(*) AS n, SUM(size) AS volume, MIN(price) AS low FROM trades GROUP BY side, symbol
