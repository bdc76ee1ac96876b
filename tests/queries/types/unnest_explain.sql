-- EXPLAIN: conditions on the record, and lateness, stand in front of the elements.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
EXPLAIN SELECT part, COUNT(*) AS n FROM few CROSS JOIN UNNEST(ARRAY[side, symbol]) WITH ORDINALITY AS p (part, place)
WHERE size > 5 AND part IS NOT NULL AND price > 1 GROUP BY part WINDOW TUMBLING(ts, INTERVAL '2' SECOND)
