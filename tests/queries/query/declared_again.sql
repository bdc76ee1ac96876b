-- IF NOT EXISTS passes over what is there; OR REPLACE counts for the statements behind it, and those in front of it go
-- on with what it was; temporary and materialized views are views.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE IF NOT EXISTS few (nothing INT) WITH ('connector' = 'file', 'path' = 'nowhere.csv', 'format' = 'csv');
CREATE TABLE lines (name VARCHAR, price VARCHAR) WITH ('connector' = 'file', 'path' = '${OUT}/lines.csv', 'format' = 'csv');
CREATE TEMPORARY VIEW small AS SELECT symbol, size, price FROM few WHERE size < 100;
CREATE MATERIALIZED VIEW IF NOT EXISTS small AS SELECT no_such_column FROM few;
CREATE VIEW IF NOT EXISTS first AS SELECT 'of ' || symbol, CAST(price AS VARCHAR) FROM small;
INSERT INTO lines SELECT * FROM first;
CREATE OR REPLACE VIEW small AS SELECT symbol, price, size FROM few WHERE size < 30;
CREATE OR REPLACE TABLE few (ts TIMESTAMP, symbol VARCHAR, price DOUBLE, size BIGINT, side VARCHAR)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO lines SELECT * FROM first
