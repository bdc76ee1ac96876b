-- Aggregates of the last hundred rows of each symbol.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (symbol VARCHAR, average DOUBLE, volume BIGINT, low DOUBLE, high DOUBLE)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT symbol,
       AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW),
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW),
       MIN(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW),
       MAX(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW)
FROM trades;
