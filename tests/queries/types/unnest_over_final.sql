-- OVER in the order of time over elements, by a key of theirs and by one of the record; LEAD too.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT ts, part, n, SUM(size) OVER (PARTITION BY part ORDER BY ts) AS volume, LEAD(symbol) OVER (PARTITION BY part ORDER BY ts) AS next FROM few LEFT JOIN UNNEST(ARRAY[side, symbol]) WITH ORDINALITY AS p (part, n) ON TRUE EMIT FINAL;
INSERT INTO b SELECT symbol, part, COUNT(*) OVER w AS peers, RANK() OVER w AS rank FROM trades CROSS JOIN UNNEST(ARRAY[side, NULL]) AS p (part) WHERE size > 90 WINDOW w AS (PARTITION BY symbol ORDER BY ts) EMIT FINAL
