-- A union goes by the clock of all its queries.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT symbol, COUNT(*) AS n FROM TUMBLE(TABLE (SELECT symbol, _timestamp AS at FROM trades UNION ALL SELECT symbol, _timestamp FROM few), DESCRIPTOR(at), INTERVAL '1' SECOND)
GROUP BY symbol, window_start, window_end
