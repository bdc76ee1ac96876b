-- Windows of several lengths: those of one end are one, by window_time too.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_time, symbol, SUM(size) AS volume
FROM CUMULATE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '30' SECOND)
GROUP BY symbol, window_start, window_end, window_time
ORDER BY window_time, volume DESC LIMIT 1 PER WINDOW
