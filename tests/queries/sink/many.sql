-- Several INSERTs share a source: two files, a blackhole and stdout.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK big (ts TIMESTAMP, symbol VARCHAR, size BIGINT) WITH ('connector' = 'file', 'path' = '${OUT}/big.csv', 'format' = 'csv', 'timestamp.format' = 'ms');
CREATE SINK bars WITH ('connector' = 'file', 'path' = '${OUT}/bars.csv', 'format' = 'csv', 'csv.header' = 'true', 'csv.delimiter' = ';', 'csv.null' = 'NULL');
CREATE SINK nothing WITH ('connector' = 'blackhole');
INSERT INTO big SELECT ts, symbol, size FROM trades WHERE size > 480;
INSERT INTO bars SELECT window_start, symbol, MAX(price) AS high, NULLIF(side, 'S') AS way FROM trades GROUP BY symbol, NULLIF(side, 'S') WINDOW TUMBLING(10s);
INSERT INTO nothing SELECT symbol FROM trades WHERE side = 'B';
SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol;
