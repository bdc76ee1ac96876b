-- Every 2 s what sessions that have grown have come to, those too that are over by then.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, window_end, symbol, COUNT(*) AS n, AVG(price) AS mean FROM trades GROUP BY symbol WINDOW SESSION(1s) EMIT CHANGES EVERY 2s
