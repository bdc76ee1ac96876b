-- Bars by more than what the source is partitioned by: the state goes where its rows go.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true',
        'partitioned.by' = 'symbol');
SELECT symbol, side, window_start, window_end, COUNT(*) AS n, SUM(size) AS volume
FROM BARS(TABLE trades PARTITION BY symbol, side, DESCRIPTOR(ts), TICKS 5)
GROUP BY symbol, side, window_start, window_end
