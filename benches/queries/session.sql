-- Aggregates by symbol over sessions: as long as no two seconds pass without a trade of the symbol.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DOUBLE,
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'file', 'path' = '${FILE}', 'format' = 'csv', 'csv.header' = 'true',
        'timestamp.format' = 'ms');

CREATE TABLE rows_out (window_start TIMESTAMP, symbol VARCHAR, trades BIGINT, volume BIGINT, average DOUBLE)
WITH ('connector' = 'blackhole');

INSERT INTO rows_out
SELECT window_start, symbol, COUNT(*), SUM(size), AVG(price)
FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '2' SECOND)
GROUP BY window_start, window_end, symbol
EMIT FINAL;
