-- A union in a view, under row by row work, into a sink with types of its own.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW both AS SELECT symbol, size FROM few UNION ALL SELECT side, NULL FROM few;
CREATE SINK out (name VARCHAR, twice DOUBLE) WITH ('connector' = 'file', 'path' = '${OUT}/out.csv', 'format' = 'csv');
INSERT INTO out SELECT symbol || '!', size * 2 FROM (SELECT * FROM both WHERE symbol IS NOT NULL) AS b WHERE symbol <> 'MSFT'
