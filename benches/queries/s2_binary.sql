-- Aggregates by symbol, once at the end, over fixed-width records of 33 bytes (velo-tpc gen trades -o trades.bin).
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  CHAR(8),
  price   DECIMAL(18,2),
  size    BIGINT,
  side    CHAR(1),
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'binary');

CREATE TABLE rows_out (symbol VARCHAR, trades BIGINT, volume BIGINT, average DOUBLE, low DOUBLE, high DOUBLE)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol, COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price)
FROM trades
GROUP BY symbol
EMIT FINAL;
