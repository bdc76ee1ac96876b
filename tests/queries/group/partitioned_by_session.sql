-- Sessions by more than what the source is partitioned by.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true',
        'partitioned.by' = 'symbol');
SELECT symbol, side, COUNT(*) AS n, SUM(size) AS volume FROM trades WINDOW SESSION(2s) GROUP BY symbol, side
