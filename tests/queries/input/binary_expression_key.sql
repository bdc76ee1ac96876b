-- A key that is computed, over a file that is cut within a record.
CREATE TABLE trades (
  ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1)
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades-*.bin');
SELECT symbol || side AS k, COUNT(*) AS n, MAX(ts) AS last FROM trades GROUP BY symbol || side;
