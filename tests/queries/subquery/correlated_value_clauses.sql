-- In WHERE, in keys, in HAVING and in ORDER BY; of groups too.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE watch (symbol VARCHAR, venue VARCHAR, most DECIMAL(12,3), note VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/watch.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT symbol, price FROM few WHERE price > (SELECT MIN(w.most) FROM watch AS w WHERE w.symbol = few.symbol)
  ORDER BY (SELECT COUNT(*) FROM watch AS w WHERE w.symbol = few.symbol) DESC, price DESC;
INSERT INTO b SELECT (SELECT MAX(w.note) FROM watch AS w WHERE w.symbol = few.symbol) AS note, COUNT(*) AS n FROM few GROUP BY 1 EMIT FINAL;
INSERT INTO c SELECT symbol, window_end, SUM(size) AS volume, (SELECT COUNT(*) FROM watch AS w WHERE w.symbol = few.symbol) AS n
  FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '2' SECOND) GROUP BY symbol, window_start, window_end
  HAVING MAX(price) > (SELECT MAX(w.most) FROM watch AS w WHERE w.symbol = few.symbol)
