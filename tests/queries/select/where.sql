-- WHERE keeps rows for which it is TRUE: NULL comparisons drop theirs.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, price, size FROM few WHERE (price > 101.25 AND size >= 100) OR symbol = 'BRK,B'
