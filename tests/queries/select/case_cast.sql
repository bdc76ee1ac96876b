-- CASE in both forms, CAST of numbers and text, TRY_CAST of what does not fit, ::.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT CASE side WHEN 'B' THEN 'buy' WHEN 'S' THEN 'sell' ELSE 'none' END AS way,
       CASE WHEN price > 400 THEN 'high' WHEN price > 101.50 THEN 'middle' END AS level,
       CAST(price AS DOUBLE) AS d, CAST(price AS BIGINT) AS whole, price::DECIMAL(10,1) AS tenth,
       TRY_CAST(symbol AS INT) AS no_number, TRY_CAST(size AS VARCHAR) AS text, CAST('2025-01-02' AS DATE) AS day
FROM few
