-- LEAD in the order in which rows come: those out of order are counted once and stand where they came.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK alone WITH ('connector' = 'file', 'path' = '${OUT}/alone.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK beside WITH ('connector' = 'file', 'path' = '${OUT}/beside.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO alone SELECT ts, symbol, LEAD(ts) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM trades EMIT CHANGES;
INSERT INTO beside SELECT symbol, size, LEAD(size) OVER w AS next, LAG(size) OVER w AS before, LEAD(size) OVER w < size AS falls
FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts) EMIT CHANGES
