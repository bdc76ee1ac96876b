-- Ranks by another order than time: over the whole partition, at the end of the input; NULLs last, peers in source order.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side, size, ROW_NUMBER() OVER w AS n, RANK() OVER w AS rank, DENSE_RANK() OVER w AS dense, PERCENT_RANK() OVER w AS percent,
       CUME_DIST() OVER w AS cume, NTILE(3) OVER w AS third, NTILE(20) OVER w AS twentieth,
       ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY size DESC NULLS FIRST, ts DESC) AS of_symbol,
       ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) AS by_time
FROM few WINDOW w AS (ORDER BY side)
