-- FIRST_VALUE, NTH_VALUE and LAST_VALUE take NULLs like any value; FIRST and LAST skip them.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, size, FIRST_VALUE(size) OVER w AS first_value, NTH_VALUE(size, 2) OVER w AS second, LAST_VALUE(size) OVER w AS last_value,
       FIRST(size) OVER w AS first, LAST(size) OVER w AS last,
       FIRST_VALUE(side) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_first,
       LAST_VALUE(side) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_last
FROM few
WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 2 PRECEDING)
