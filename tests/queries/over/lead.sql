-- LEAD by one row, by two with a default, and of none; a row leaves with the last row that it looks at, or at the end. Calls over the
-- same clause and over others have the row's own values; a NULL that is there is no default.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, symbol, price, LEAD(price) OVER w AS next, LEAD(size, 2, -1) OVER w AS second_next, LEAD(side, 0) OVER w AS own,
       LEAD(price) OVER w - price AS change, LAG(price) OVER w AS before, COUNT(*) OVER w AS n, ROW_NUMBER() OVER (ORDER BY ts) AS of_all
FROM few WINDOW w AS (PARTITION BY symbol ORDER BY ts)
