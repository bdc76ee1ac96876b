-- Fixed-width trades, the format told by the ending of the path.
CREATE TABLE trades (
  ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades-1.bin');
SELECT symbol, COUNT(*) AS n, SUM(size) AS volume, AVG(price) AS average, MIN(price) AS low, MAX(price) AS high
FROM trades GROUP BY symbol;
