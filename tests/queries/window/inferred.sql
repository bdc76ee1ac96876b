-- A file used as a table has no watermark before its end: nothing is late, windows come in order at the end.
SELECT window_start, symbol, COUNT(*) AS n FROM TUMBLE(TABLE 'tests/queries/data/trades.csv', DESCRIPTOR(ts), INTERVAL '5' SECOND)
GROUP BY window_start, window_end, symbol
