-- Every row shows its window as if it ended there.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, TWAP(price, ts) AS twap, REALIZED_VOL(price) AS vol
FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end EMIT CHANGES
