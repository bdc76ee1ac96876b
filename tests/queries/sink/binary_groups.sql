-- A group whose key does not fit is a result that cannot be made.
CREATE TABLE trades (
  ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades-1.bin');
CREATE SINK out (symbol VARCHAR(4), n BIGINT, volume BIGINT) WITH ('connector' = 'file', 'path' = '${OUT}/out.bin');
INSERT INTO out SELECT symbol, COUNT(*), SUM(size) FROM trades GROUP BY symbol EMIT FINAL;
