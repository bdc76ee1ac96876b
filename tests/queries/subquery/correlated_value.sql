-- A value of each row's own rows: NULL of none, where COUNT is 0 and what is computed of it follows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT f.symbol, f.price,
  (SELECT MAX(w.most) FROM watch AS w WHERE w.symbol = f.symbol) AS most,
  (SELECT COUNT(*) FROM watch AS w WHERE w.symbol = f.symbol) AS n,
  (SELECT COUNT(most) * 2 + 1 FROM watch AS w WHERE f.symbol = w.symbol AND note <> 'second') AS odd,
  (SELECT COALESCE(MIN(note), 'none') FROM watch AS w WHERE w.symbol = f.symbol AND w.venue IS NOT NULL) AS note
FROM few AS f
