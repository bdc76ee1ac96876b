-- With ALL a row is given as often as the left has it more: five AAPL, two of them on the right.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, side FROM few EXCEPT ALL SELECT symbol, side FROM few WHERE size > 150 OR size = 7 ORDER BY symbol, side
