-- Names for columns behind an alias, in WITH and of a view: the first as many as are given.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW v (at, name) AS SELECT ts, symbol, price, size FROM few ORDER BY size LIMIT 7;
WITH w (moment, "Who", cost) AS NOT MATERIALIZED (SELECT at, name, price FROM v WHERE name IS NOT NULL),
     u (who) AS MATERIALIZED (SELECT "Who", w.cost, moment FROM w)
SELECT x.who, x.paid, f, moment FROM (SELECT who, cost + 1, who = 'AAPL', moment FROM u) AS x (who, paid, f)
ORDER BY moment
