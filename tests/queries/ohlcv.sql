-- Five-minute bars with volume-weighted prices from a generated feed of a million trades, about a millisecond apart.
CREATE TABLE trades (
  ts      TIMESTAMP,
  symbol  VARCHAR,
  price   DECIMAL(18,4),
  size    BIGINT,
  side    VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'generator', 'kind' = 'trades', 'rows' = '1000000', 'symbols' = '3');

SELECT window_start, symbol,
       FIRST(price) AS open, MAX(price) AS high, MIN(price) AS low, LAST(price) AS close,
       SUM(size) AS volume, VWAP(price, size) AS vwap, COUNT(*) AS trades
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' MINUTE)
GROUP BY window_start, window_end, symbol
