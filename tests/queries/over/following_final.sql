-- Frames around a row in the order of time, beside LEAD and others; of several keys, over whole partitions.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT ts, symbol, AVG(size) OVER w AS mean, ts - FIRST_VALUE(ts) OVER w AS before, LEAD(ts) OVER v AS next, COUNT(*) OVER v AS n
FROM trades WHERE size > 50 WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING), v AS (PARTITION BY symbol ORDER BY ts) EMIT FINAL;
INSERT INTO b SELECT symbol, side, MIN(size) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS a, MAX(size) OVER (PARTITION BY side ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS b FROM trades WHERE size > 90 QUALIFY a < b EMIT FINAL
