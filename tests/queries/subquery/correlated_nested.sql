-- A subquery with a subquery of its own, and one in a subquery of FROM.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, best, n FROM (
  SELECT f.symbol, f.price,
    (SELECT MAX(w.most) FROM watch AS w WHERE w.symbol = f.symbol AND w.most < (SELECT MAX(most) FROM watch)) AS best,
    (SELECT COUNT(*) FROM watch AS w WHERE w.symbol = f.symbol AND w.note IN (SELECT note FROM watch WHERE most > 50)) AS n
  FROM few AS f
) AS looked WHERE best IS NOT NULL OR n = 0
