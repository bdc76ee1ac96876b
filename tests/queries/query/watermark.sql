-- CURRENT_WATERMARK is that before the row itself: NULL at the first, then the greatest time so far, less the delay.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts, CURRENT_WATERMARK AS w, CURRENT_WATERMARK() = _watermark AS same, CURRENT_WATERMARK(ts) + INTERVAL '1' SECOND AS greatest, ts - CURRENT_WATERMARK(ts) AS ahead FROM few