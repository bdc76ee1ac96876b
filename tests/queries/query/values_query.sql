-- VALUES as a query, in WITH and UNION; its columns are column1 and so on; ORDER BY and LIMIT stand behind its rows.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH limits (symbol, most) AS (VALUES ('AAPL', 150), ('MSFT', 20), ('nothing', 1))
SELECT 'over' AS what, symbol, size FROM few AS f
WHERE size > (SELECT MIN(most) FROM limits) AND symbol IN (SELECT symbol FROM limits WHERE most < 100)
UNION ALL (VALUES ('z', 'three', 3), ('y', 'two', 2), ('x', 'one', 1) ORDER BY column3 LIMIT 2)
UNION ALL VALUES ('one', 'row', 0)
