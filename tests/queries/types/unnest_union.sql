-- A UNION of elements and rows, and elements of a UNION.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT x, COUNT(*) AS n FROM (SELECT UNNEST(ARRAY[symbol, side]) AS x FROM few UNION ALL SELECT side FROM few) GROUP BY x EMIT FINAL;
INSERT INTO b SELECT s, x FROM (SELECT symbol AS s, size AS a FROM few WHERE size < 60 UNION ALL SELECT side, size FROM few WHERE size > 100) CROSS JOIN UNNEST(ARRAY[a, NULL]) AS u (x);
INSERT INTO c SELECT symbol, size, x FROM (SELECT * FROM few CROSS JOIN UNNEST(ARRAY[side, symbol]) AS u (x) UNION ALL SELECT *, side FROM few) WHERE size > 20 AND x <> 'AAPL'
