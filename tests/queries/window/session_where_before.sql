-- Rows that WHERE drops below a session do not extend it.
CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
WITH large AS (SELECT * FROM trades WHERE size > 450)
SELECT symbol, window_start, window_end, COUNT(*) AS n FROM SESSION(TABLE large PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '1' SECOND) WHERE symbol IN ('NVDA', 'TSLA') GROUP BY symbol, window_start, window_end;
