-- OVER, QUALIFY and ranks of elements.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, x, LAG(x) OVER (PARTITION BY symbol ORDER BY ts) AS before, COUNT(*) OVER (PARTITION BY x > 100 ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM few CROSS JOIN UNNEST(ARRAY[size, size * 2]) AS u (x);
INSERT INTO b SELECT symbol, x, ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY x DESC) AS n FROM few CROSS JOIN UNNEST(ARRAY[size, size * 2, NULL]) AS u (x) QUALIFY n <= 2
