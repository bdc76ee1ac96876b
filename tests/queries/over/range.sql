-- Frames by time in the order that rows come: a late one stands at its predecessor's time; peers are those so far.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, size, COUNT(*) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND CURRENT ROW) AS n,
       SUM(size) OVER (PARTITION BY symbol ORDER BY ts RANGE INTERVAL '1' SECOND PRECEDING) AS volume,
       MAX(price) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN 2s PRECEDING AND 1s PRECEDING) AS high_before,
       MIN(price) OVER (PARTITION BY symbol ORDER BY ts RANGE CURRENT ROW) AS low_of_peers,
       AVG(price) OVER (PARTITION BY symbol ORDER BY ts RANGE UNBOUNDED PRECEDING) AS mean_so_far,
       AVG(price) OVER (PARTITION BY symbol ORDER BY ts) AS default_frame
FROM few
