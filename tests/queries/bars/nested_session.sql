-- Sessions of bars that follow one another within two seconds, and bars of two bars.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW bars AS SELECT symbol, window_time, LAST(price) AS close
  FROM BARS(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), VOLUME 2000, size) GROUP BY symbol, window_start, window_end;
CREATE SINK sessions WITH ('connector' = 'stdout', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO sessions SELECT symbol, window_start, window_end, COUNT(*) AS bars, LAST(close) AS close
FROM SESSION(TABLE bars PARTITION BY symbol, DESCRIPTOR(window_time), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end
