-- A window by name, made more of, made of another, and the other spelling of a frame in one.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, size, SUM(size) OVER last2 AS pair, SUM(size) OVER (by_symbol ROWS 1 PRECEDING) AS same_pair,
       SUM(size) OVER (ordered ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS total, SUM(size) OVER buffer AS buffered,
       LAG(size) OVER by_symbol AS before
FROM few
WINDOW by_symbol AS (PARTITION BY symbol ORDER BY ts), last2 AS (by_symbol ROWS 1 PRECEDING),
       unordered AS (PARTITION BY symbol), ordered AS (unordered ORDER BY ts),
       buffer AS (ROWS WINDOW BUFFER 2 ROWS PARTITION BY symbol ORDER BY ts)
