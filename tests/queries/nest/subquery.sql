-- WHERE over the groups of a subquery, whose keys are computed.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT s, n * 10 AS ten FROM (SELECT LOWER(symbol) AS s, COUNT(*) AS n FROM trades WHERE price > 100 GROUP BY LOWER(symbol)) WHERE n > 57
