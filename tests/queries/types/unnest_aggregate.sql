-- Elements of what an aggregate has gathered, in windows too.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, n, x FROM (SELECT symbol, ARRAY_AGG(price) AS a FROM few GROUP BY symbol EMIT FINAL) CROSS JOIN UNNEST(a) WITH ORDINALITY AS u (x, n);
INSERT INTO b SELECT window_start, side, MAX(x) AS most FROM (
  SELECT window_start, window_end, side, ARRAY_AGG(size) AS a FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY window_start, window_end, side
) CROSS JOIN UNNEST(a) AS u (x) GROUP BY window_start, window_end, side
