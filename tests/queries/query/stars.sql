-- Several stars, with items between them, and a key that is written with an earlier alias.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.*, size * 2 AS twice, twice + 1 AS more, * FROM few AS f WHERE size > 50
