-- EMIT CHANGES under a window: the group's new row after each input row, late rows left out.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, LAST(price) AS last FROM trades WHERE size > 300 GROUP BY symbol WINDOW TUMBLING(2s) EMIT CHANGES
