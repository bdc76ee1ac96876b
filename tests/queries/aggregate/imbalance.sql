-- Of no size it is NULL.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, IMBALANCE(CASE WHEN side = 'B' THEN size ELSE 0 END, CASE WHEN side = 'S' THEN size ELSE 0 END) AS imbalance,
       IMBALANCE(price, 1.5) AS mixed, IMBALANCE(size - size, 0) AS none, IMBALANCE(size, 1e0) AS double FROM few GROUP BY symbol
