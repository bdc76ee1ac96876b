-- One of the spellings of a tumbling window; `every_tumbling_spelling_is_one` holds their answers together.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT ts AS window_start, symbol, COUNT(*) AS n, SUM(size) AS volume, MAX(price) AS high
FROM trades SAMPLE BY 5s
