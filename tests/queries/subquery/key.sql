-- A subquery in a key, in an aggregate's argument and under OVER.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol = (SELECT MIN(symbol) FROM few) AS least, SUM(size - (SELECT MIN(size) FROM few)) AS n FROM few GROUP BY 1 EMIT FINAL;
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO b SELECT symbol, SUM(CASE WHEN side IN (SELECT 'B' FROM few) THEN size ELSE 0 END) OVER (PARTITION BY symbol ORDER BY ts) FROM few
