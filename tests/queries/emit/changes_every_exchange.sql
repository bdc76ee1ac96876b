-- Behind an exchange: the bars of a symbol are counted by their number of trades.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT n, COUNT(*) AS bars, MAX(symbol) AS symbol FROM (SELECT symbol, window_start, window_end, COUNT(*) AS n FROM trades GROUP BY symbol, window_start, window_end WINDOW TUMBLING(5s) EMIT FINAL) GROUP BY n EMIT CHANGES EVERY 10s;
