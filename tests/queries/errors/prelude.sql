CREATE TABLE trades (
  ts TIMESTAMP(9), symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, maker BOOLEAN,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'stdin', 'format' = 'csv');
CREATE TABLE plain (at TIMESTAMP, k VARCHAR, v DOUBLE, d DATE, doc VARCHAR)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv');
CREATE TABLE totals (symbol VARCHAR, n BIGINT, last TIMESTAMP)
  WITH ('connector' = 'file', 'path' = '${OUT}', 'format' = 'csv');
CREATE VIEW bars AS
  SELECT symbol, window_start, window_end, SUM(size) AS volume
  FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
  GROUP BY symbol, window_start, window_end;
