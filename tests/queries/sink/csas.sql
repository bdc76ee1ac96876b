-- CREATE .. AS: a view with a sink.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE STREAM buys WITH ('connector' = 'file', 'path' = '${OUT}/buys.csv', 'format' = 'csv', 'csv.header' = 'true') AS SELECT symbol, price FROM few WHERE side = 'B';
