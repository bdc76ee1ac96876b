-- A key of the record's place: ingest does not know it, so that rows meet behind an exchange.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT _partition, _offset / 200 AS part, COUNT(*) AS n, MAX(size) AS most, SUM(_offset) AS sum FROM few WHERE size IS NOT NULL GROUP BY _partition, part
