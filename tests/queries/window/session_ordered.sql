-- Aggregates of neighbouring rows over sessions: rows are folded as they come, and of two sessions that become one those of
-- the earlier come first. The last price of TWAP weighs until window_end, a gap behind its row. A NULL is no neighbour.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, window_end, EMA(price, 0.5) AS ema, TWAP(price, ts) AS twap, REALIZED_VOL(size) AS vol, MAX_DRAWDOWN(size) AS fall
FROM few GROUP BY symbol WINDOW SESSION(1s)
