-- In an INSERT too the rows leave when the inputs have ended; one that errs is counted and in neither side.
CREATE TABLE back (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/back.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE TABLE found (v BIGINT, k VARCHAR) WITH ('connector' = 'file', 'path' = '${OUT}/found.csv', 'format' = 'csv');
INSERT INTO found (k, v) SELECT k, 12 / (v - 4) FROM back EXCEPT SELECT k, 12 / (v - 3) FROM back WHERE v < 6
