-- Names for the columns of a table in a window and beside one; the time keeps its watermark.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, a.s, SUM(a.n) AS n
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) AS a (t, s, p, n)
GROUP BY window_start, window_end, a.s
UNION ALL
SELECT window_start, who, COUNT(*) FROM few b (moment, who) WINDOW TUMBLING(moment, 2s) GROUP BY who
