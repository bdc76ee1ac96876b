-- ARRAY and ROW are JSON values in JSON, and JSON functions read their text.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK bars (symbol VARCHAR, prices ARRAY<DECIMAL(10,2)>, bar VARCHAR, top VARCHAR) WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO bars SELECT symbol, ARRAY_AGG(price), CAST(OHLC(price) AS VARCHAR), JSON_VALUE(CAST(OHLC(price) AS VARCHAR), '$.high') FROM few GROUP BY symbol
