-- EXPLAIN and DESCRIBE show the given names.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW v (at, name, "The price") AS SELECT ts, symbol, price, size FROM few;
DESCRIBE v;
EXPLAIN SELECT * EXCLUDE size RENAME (name AS who), "The price" * 2 FROM v AS x (moment) WHERE moment > TIMESTAMP '2025-01-02 09:30:01';
