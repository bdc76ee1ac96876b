-- An upsert sink takes the newest row of a key.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK latest (symbol VARCHAR, n BIGINT, PRIMARY KEY (symbol) NOT ENFORCED) WITH ('connector' = 'stdout', 'format' = 'csv', 'changelog.mode' = 'upsert');
INSERT INTO latest SELECT symbol, COUNT(*) FROM few GROUP BY symbol
