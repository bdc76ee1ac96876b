-- Bars of bars: of two each. The outer ones that the end finds open leave, of complete ones.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW bars AS SELECT symbol, window_time, LAST(price) AS close, COUNT(*) AS n
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), TICKS 20) GROUP BY symbol, window_start, window_end;
SELECT symbol, window_start, window_end, COUNT(*) AS bars, SUM(n) AS trades, LAST(close) AS close
FROM BARS(TABLE bars PARTITION BY symbol, DESCRIPTOR(window_time), TICKS 2) GROUP BY symbol, window_start, window_end
