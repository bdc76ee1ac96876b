-- Distinct prices by symbol.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, prices BIGINT)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol, COUNT(DISTINCT price)
FROM trades
GROUP BY symbol
EMIT FINAL;
