-- LEAD over the rows of windows: from window to window of a symbol, and within each window by volume, whose rows leave when it closes.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW bars AS SELECT window_start, window_end, window_time, symbol, SUM(size) AS volume
  FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, symbol;
CREATE SINK across WITH ('connector' = 'file', 'path' = '${OUT}/across.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK within WITH ('connector' = 'file', 'path' = '${OUT}/within.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO across SELECT window_start, symbol, volume, LEAD(volume) OVER (PARTITION BY symbol ORDER BY window_time) - volume AS rise FROM bars;
INSERT INTO within SELECT window_start, symbol, volume, LEAD(symbol, 1, '-') OVER (PARTITION BY window_start, window_end ORDER BY volume DESC) AS smaller FROM bars
