-- Equal times: rows in source order have the peers so far, sorted ones all of them; RANK and DENSE_RANK see them as one.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, second AS DATE_TRUNC('second', ts),
  WATERMARK FOR second AS second - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK changes WITH ('connector' = 'file', 'path' = '${OUT}/changes.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK final WITH ('connector' = 'file', 'path' = '${OUT}/final.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO changes SELECT second, symbol, size, SUM(size) OVER w AS total, COUNT(*) OVER (w RANGE CURRENT ROW) AS peers, RANK() OVER w AS rank,
       DENSE_RANK() OVER w AS dense, LAST_VALUE(size) OVER w AS last, ROW_NUMBER() OVER w AS n
FROM few WINDOW w AS (ORDER BY second) EMIT CHANGES;
INSERT INTO final SELECT second, symbol, size, SUM(size) OVER w AS total, COUNT(*) OVER (w RANGE CURRENT ROW) AS peers, RANK() OVER w AS rank,
       DENSE_RANK() OVER w AS dense, LAST_VALUE(size) OVER w AS last, ROW_NUMBER() OVER w AS n
FROM few WINDOW w AS (ORDER BY second) EMIT FINAL
