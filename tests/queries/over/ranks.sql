-- The place of a row in its partition: by number, by time with gaps, by time without.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) AS n,
       RANK() OVER (PARTITION BY symbol ORDER BY ts) AS rank, DENSE_RANK() OVER (PARTITION BY symbol ORDER BY ts) AS dense,
       ROW_NUMBER() OVER (PARTITION BY symbol) AS unordered
FROM few
