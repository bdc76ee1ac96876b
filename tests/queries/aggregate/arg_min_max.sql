-- A row without x or without `by` does not count; ties go to the earlier event time.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, ARG_MIN(side, price) AS side_low, ARG_MAX(size, price) AS size_high, MIN_BY(price, side) AS by_text, MAX_BY(ts, size) AS at,
       ARG_MIN(price, size) FILTER (WHERE size > 1000) AS none FROM few GROUP BY symbol
