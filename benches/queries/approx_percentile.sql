-- The price that 99 of 100 do not exceed by symbol, within 1 %.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, high DOUBLE)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol, APPROX_PERCENTILE(price, 0.99)
FROM trades
GROUP BY symbol
EMIT FINAL;
