-- A view over a table, a CTE over the view.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW buys AS SELECT symbol, price * size AS notional, ts FROM trades WHERE side = 'B';
WITH large AS (SELECT * FROM buys WHERE notional > 50000)
SELECT symbol, COUNT(*) AS n, MAX(notional) AS largest FROM large GROUP BY symbol
