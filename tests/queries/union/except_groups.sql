-- Of groups and windows, below groups, in a view, and as a list of IN; the sides are of different tables.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE VIEW quiet AS
SELECT k FROM back EXCEPT SELECT symbol FROM few;
CREATE VIEW sums AS
SELECT window_start, COUNT(*) AS n FROM TUMBLE(TABLE few, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end
INTERSECT
SELECT window_start, COUNT(*) FROM TUMBLE(TABLE back, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end;
SELECT 'sums' AS what, CAST(n AS VARCHAR) AS x, COUNT(*) AS n FROM sums GROUP BY n
UNION ALL SELECT 'quiet', k, 0 FROM quiet
UNION ALL SELECT 'in', k, v FROM back WHERE k IN (SELECT k FROM back EXCEPT ALL SELECT 'A' FROM few)
