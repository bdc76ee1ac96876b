-- Columns in another order, aliases with and without AS, t.*, an alias used in a later item.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT t.size AS quantity, t.symbol s, price * size AS notional, notional / 2 AS half, UPPER(side) || '!' AS side, t.ts
FROM few AS t
