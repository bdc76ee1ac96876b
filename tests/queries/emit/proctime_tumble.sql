-- Windows by the clock: all rows of a run lie in one of a thousand years, and its end closes it.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(PROCTIME()), INTERVAL '100000' DAY) GROUP BY symbol, window_start, window_end
