-- MAPs through windows that merge panes: FIRST, LAST, ARG_MAX, ARRAY_AGG, MODE, COUNT(DISTINCT).
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_end, LAST(MAP[side, size]) AS last, ARG_MAX(MAP['p', price], size) AS most, ARRAY_AGG(MAP['s', side]['s']) AS sides, FIRST(MAP[symbol, ts]) AS first, COUNT(DISTINCT MAP['s', side]) AS kinds, MODE(MAP['s', side]) AS often
FROM HOP(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND) WHERE side IS NOT NULL AND symbol IS NOT NULL GROUP BY symbol, window_start, window_end
