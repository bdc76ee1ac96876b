-- A row of DISTINCT passes when it first comes, with its time: windows on top go by the watermark.
CREATE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT window_start, window_end, COUNT(*) AS n FROM (SELECT DISTINCT symbol, ts FROM few UNION ALL SELECT symbol, ts FROM few WHERE side = 'B') WINDOW TUMBLING(2s);
INSERT INTO b SELECT window_end, COUNT(*) AS pairs FROM (SELECT DISTINCT side, window_start, window_end FROM (SELECT side, symbol, window_start, window_end, COUNT(*) AS n FROM few GROUP BY side, symbol WINDOW TUMBLING(2s))) GROUP BY window_end
