-- Compressed records are told by the name.
CREATE TABLE trades (
  ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades-1.bin.gz');
SELECT ts, symbol, side FROM trades WHERE size > 950;
