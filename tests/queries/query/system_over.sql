-- System columns as keys, arguments and order of OVER.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, _offset, LAG(_offset) OVER (PARTITION BY symbol ORDER BY ts) AS before, SUM(_offset) OVER (PARTITION BY _partition ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sum FROM few
