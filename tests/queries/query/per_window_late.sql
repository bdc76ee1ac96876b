-- Windows that stay open longer; what HAVING drops takes no place.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, side, SUM(size) AS volume
FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND)
GROUP BY window_start, window_end, symbol, side HAVING side = 'B'
ORDER BY volume DESC LIMIT 1 PER WINDOW LATE DATA ALLOW 15s
