-- Records that fail do so as records of their own query; expressions in front of the exchange.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT side, SUM(100 / (size - 50)) AS q, COUNT(*) FILTER (WHERE 1 / size > 0) AS n FROM (SELECT side, size FROM few UNION ALL SELECT symbol, size FROM few WHERE 10 / (size - 20) >= 0) GROUP BY side
