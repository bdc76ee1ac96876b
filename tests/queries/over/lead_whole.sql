-- LEAD and LAG of whole partitions: by another order, beside ranks, and over two keys; they leave at the end in source order.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK orders WITH ('connector' = 'file', 'path' = '${OUT}/orders.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK ranks WITH ('connector' = 'file', 'path' = '${OUT}/ranks.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK keys WITH ('connector' = 'file', 'path' = '${OUT}/keys.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO orders SELECT symbol, price, size, LEAD(price) OVER w AS next, LAG(price) OVER w AS before, LEAD(symbol, 2, 'none') OVER w AS second_next, RANK() OVER w AS rank
FROM few WINDOW w AS (ORDER BY size DESC, price);
INSERT INTO ranks SELECT ts, symbol, size, NTILE(2) OVER (PARTITION BY symbol ORDER BY ts) AS half, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few;
INSERT INTO keys SELECT ts, symbol, side, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS of_symbol, LEAD(size) OVER (PARTITION BY side ORDER BY ts) AS of_side FROM few
