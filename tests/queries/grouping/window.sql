-- Sets of keys in each window, ranked and aggregated again.
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT window_start, symbol, SUM(size) AS volume FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, ROLLUP (symbol);
INSERT INTO b SELECT window_start, symbol, side, RANK() OVER (PARTITION BY window_start, GROUPING(symbol, side) ORDER BY SUM(size) DESC) AS place FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, CUBE (symbol, side) QUALIFY place = 1;
INSERT INTO c SELECT g, COUNT(*) AS n, SUM(volume) AS volume FROM (SELECT GROUPING(symbol) AS g, SUM(size) AS volume FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY window_start, window_end, ROLLUP (symbol)) GROUP BY g EMIT FINAL
