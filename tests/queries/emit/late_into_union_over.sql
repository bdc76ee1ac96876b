-- Rows too late for the sort of an OVER over a UNION, a statement for each query.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, k, LAG(ts) OVER (PARTITION BY k ORDER BY ts) AS before FROM (SELECT ts, symbol AS k, size FROM few UNION ALL SELECT ts, side, size FROM trades WHERE size > 30) EMIT FINAL LATE DATA INTO late
