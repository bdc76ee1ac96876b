-- LEAD without PARTITION BY keeps the order of every key; sorted by time below, what stands on top is sorted too.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW led AS SELECT ts, symbol, size, LEAD(ts) OVER (ORDER BY ts) AS next FROM trades EMIT FINAL;
INSERT INTO a SELECT ts, symbol, next, MIN(next) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS least FROM led WHERE symbol <> 'AAPL';
INSERT INTO b SELECT symbol, COUNT(*) AS n, SUM(CASE WHEN next >= ts THEN 1 END) AS sorted FROM led GROUP BY symbol EMIT FINAL
