-- Two files, the second cut within a record; keys of two texts, late rows.
CREATE TABLE trades (
  ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades-*.bin', 'format' = 'binary');
SELECT window_start, symbol, side, COUNT(*) AS n, VWAP(price, size) AS vwap
FROM trades GROUP BY symbol, side WINDOW TUMBLING(5s);
