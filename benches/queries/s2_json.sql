-- Aggregates by symbol over JSON lines, once at the end.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'json',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, trades BIGINT, volume BIGINT, average DOUBLE, low DOUBLE, high DOUBLE)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol, COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price)
FROM trades
GROUP BY symbol
EMIT FINAL;
