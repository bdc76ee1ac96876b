-- A key that fails rejects the record for its own statement, not for others of the source.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK big WITH ('connector' = 'file', 'path' = '${OUT}/big.csv', 'format' = 'csv');
INSERT INTO big SELECT ts, symbol, size FROM trades WHERE size BETWEEN 483 AND 485;
SELECT 10 / (size - 484) AS part, COUNT(*) AS n FROM trades GROUP BY 10 / (size - 484);
