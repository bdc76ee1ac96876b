-- OHLC gives a ROW; its parts by name, of the call and of a column.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, window_start, bar, bar.open AS o, b.bar.close AS c, high - low AS spread
FROM (SELECT symbol, window_start, OHLC(price) AS bar, OHLC(price).high AS high, OHLC(price).low AS low
      FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end) AS b
