-- The key can fail for rows that WHERE keeps out, so that rows are spread behind it.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '20' MILLISECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK late (watermark TIMESTAMP, late_by BIGINT, window_start TIMESTAMP, symbol VARCHAR, size DOUBLE)
  WITH ('connector' = 'file', 'path' = '${OUT}/late.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT window_start, 100 / (size - 20) AS k, COUNT(*) AS n FROM trades WHERE size > 20 AND size < 60 GROUP BY 100 / (size - 20) WINDOW TUMBLING(1s) LATE DATA INTO late
