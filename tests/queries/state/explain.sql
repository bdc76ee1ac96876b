-- What EXPLAIN says of GROUP BY, SELECT DISTINCT, OVER, windows, and FILL.
CREATE TABLE touches (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/touches.csv', 'format' = 'csv', 'csv.header' = 'true');
SET 'state.ttl' = '90 minutes';
EXPLAIN SELECT k, COUNT(*) AS n, SUM(v) AS total FROM touches GROUP BY k EMIT CHANGES;
EXPLAIN SELECT DISTINCT k FROM touches EMIT CHANGES;
EXPLAIN SELECT k, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS before FROM touches;
EXPLAIN SELECT k, COUNT(*) AS n FROM touches GROUP BY k WINDOW TUMBLING(5s);
EXPLAIN SELECT k, window_start, LAST(v) AS v FROM touches GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND) FILL(PREV);
