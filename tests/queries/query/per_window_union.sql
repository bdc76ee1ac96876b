-- Two windowed queries and the sort of all their rows: the windows of a UNION are its rows no more.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, n FROM (
  SELECT symbol, COUNT(*) AS n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '20' SECOND)
  GROUP BY symbol, window_start, window_end ORDER BY n DESC, symbol LIMIT 1 PER WINDOW
) AS best UNION ALL SELECT side, 0 FROM trades WHERE size > 490
