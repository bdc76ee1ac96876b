-- A column computed in the table's declaration, in every place.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, notional AS price * COALESCE(size, 0),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT symbol, SUM(notional) AS total, MAX(notional) AS most FROM few WHERE notional < 21000 GROUP BY symbol
