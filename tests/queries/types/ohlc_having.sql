-- OHLC in HAVING and beside other aggregates, without a window, over a filter.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, OHLC(price) FILTER (WHERE side = 'B') AS buys, COUNT(*) AS n, OHLC(size).close AS last FROM few GROUP BY symbol HAVING OHLC(price).high > 101
