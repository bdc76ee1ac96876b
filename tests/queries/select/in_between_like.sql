-- IN, NOT IN with NULL in it (never TRUE), BETWEEN with its bounds, LIKE with _, % and ESCAPE, ILIKE.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, price,
       symbol IN ('AAPL', 'MSFT') AS listed, symbol NOT IN ('AAPL', NULL) AS not_in_null,
       price BETWEEN 101.50 AND 402.25 AS inside, price NOT BETWEEN 101.50 AND 402.25 AS outside,
       symbol LIKE 'A%' AS a, symbol LIKE '_SFT' AS sft, symbol ILIKE '%b' AS b, symbol LIKE '%!,%' ESCAPE '!' AS comma
FROM few
