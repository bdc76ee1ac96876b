-- Deduplication that keeps the first row of each symbol, at once, in an append sink.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK firsts WITH ('connector' = 'file', 'path' = '${OUT}/firsts.csv', 'format' = 'csv');
INSERT INTO firsts SELECT ts, symbol, price FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) AS n FROM few) WHERE n = 1
