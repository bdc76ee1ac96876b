-- Keys of other types, of expressions and of a constant; values of every kind.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.size, f.price,
  (SELECT COUNT(*) FROM watch AS w WHERE w.most = f.price + 0.1) AS same,
  (SELECT MAX(w.most) > 100 FROM watch AS w WHERE CHAR_LENGTH(w.symbol) = f.size / 50) AS dear,
  (SELECT AVG(w.most) FROM watch AS w WHERE LOWER(w.venue) = LOWER(f.side) AND w.most > 50) AS mean,
  (SELECT SUM(CAST(w.most AS DOUBLE)) FROM watch AS w WHERE 7 = f.size) AS seven
FROM few AS f WHERE f.symbol IS NOT NULL OR f.size = 7
