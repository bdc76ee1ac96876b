-- Behind a table function WHERE may speak of its keys; other rows are dropped for an aggregate alone.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, COUNT(*) AS n, COUNT(*) FILTER (WHERE size > 450) AS large FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '1' SECOND) WHERE symbol IN ('NVDA', 'TSLA') GROUP BY symbol, window_start, window_end;
