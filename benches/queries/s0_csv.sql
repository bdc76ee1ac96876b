-- Filter and project, rows written as CSV and then dropped.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, price DOUBLE, size BIGINT)
WITH ('connector' = 'blackhole', 'format' = 'csv');

INSERT INTO rows_out
SELECT symbol, price, size FROM trades WHERE size > 500;
