-- GROUPING SETS with sets of several keys, one twice, and the empty one; changes of each set.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, side, COUNT(*) AS n FROM few GROUP BY GROUPING SETS ((symbol, side), side, (), (side)) EMIT FINAL;
INSERT INTO b SELECT side, COUNT(*) AS n FROM few GROUP BY GROUPING SETS (ROLLUP (side)) EMIT CHANGES
