-- The price before and the number of each row, by symbol.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, price DOUBLE, before DOUBLE, number BIGINT)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol, price,
       LAG(price) OVER (PARTITION BY symbol ORDER BY ts),
       ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts)
FROM trades;
