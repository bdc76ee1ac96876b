-- What stands on top of LEAD: a filter, a group by another key, FIRST by event time; and rows whose argument fails, or is of a failed filter.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK groups WITH ('connector' = 'file', 'path' = '${OUT}/groups.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK failing WITH ('connector' = 'file', 'path' = '${OUT}/failing.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO groups SELECT side, COUNT(*) AS n, SUM(next) AS total, FIRST(next) AS first FROM (SELECT ts, side, LEAD(size, 2) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few)
GROUP BY side EMIT FINAL;
INSERT INTO failing SELECT symbol, size, LEAD(100 / (size - 100)) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM few WHERE price > 100 QUALIFY next IS NOT NULL OR symbol = 'AAPL'
