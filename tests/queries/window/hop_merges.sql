-- Aggregates that merge are combined of panes: DOUBLE sums fold by pane, then by time.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, symbol, COUNT(*) AS n, SUM(CAST(price AS DOUBLE) * 0.1) AS total, VWAP(price, size) AS vwap, LAST(side) AS side, MAX(side) FILTER (WHERE size > 500) AS large
FROM HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '6' SECOND) GROUP BY window_start, window_end, symbol
