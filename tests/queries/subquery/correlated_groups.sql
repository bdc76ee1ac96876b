-- Groups in subqueries with conditions on the row around them: of IN, EXISTS, and values; HAVING of all rows of a key, too.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE trades (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/trades.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT symbol, side,
  (SELECT COUNT(*) FROM few AS q WHERE q.symbol = few.symbol GROUP BY q.symbol) AS grouped,
  (SELECT COUNT(*) FROM few AS q WHERE q.symbol = few.symbol) AS plain,
  (SELECT COUNT(*) FROM few AS q WHERE q.symbol = few.symbol HAVING COUNT(*) > 1) AS many,
  (SELECT COUNT(*) FROM few AS q WHERE q.symbol = few.symbol AND q.size > 1000 HAVING COUNT(*) = 0) AS none,
  (SELECT MAX(size) AS most FROM few AS q WHERE q.symbol = few.symbol AND q.side = few.side GROUP BY q.side, q.symbol HAVING MAX(size) < 300) AS small
FROM few;
INSERT INTO b SELECT symbol, side,
  side IN (SELECT q.side FROM trades AS q WHERE q.symbol = few.symbol GROUP BY 1 HAVING COUNT(*) > 24) AS often,
  side IN (SELECT q.side AS s FROM few AS q WHERE q.symbol = few.symbol GROUP BY s) AS own,
  EXISTS (SELECT 1 FROM few AS q WHERE q.symbol = few.symbol GROUP BY q.side HAVING COUNT(*) > 1) AS twice,
  EXISTS (SELECT q.side AS s, MAX(size) FROM few AS q WHERE few.symbol = q.symbol GROUP BY s HAVING SUM(size) > 250) AS large,
  (symbol, 4) IN (SELECT q.symbol, COUNT(*) FROM few AS q WHERE q.side = few.side GROUP BY ALL) AS four
FROM few;
INSERT INTO c SELECT symbol, size FROM few WHERE size > (SELECT AVG(size) FROM few AS q WHERE q.symbol = few.symbol GROUP BY q.symbol HAVING COUNT(size) > 1)
