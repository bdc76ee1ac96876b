-- INSERT of VALUES, with a list of columns and without; expressions may be in them, and a row that errs is counted.
CREATE TABLE found (k VARCHAR, v DECIMAL(8,2), d DATE) WITH ('connector' = 'file', 'path' = '${OUT}/found.csv', 'format' = 'csv');
INSERT INTO found VALUES ('a' || 'b', 1 + 2, DATE '2025-01-02'), (UPPER('c'), 10 / 4.0, NULL), ('never', 1 / 0, NULL);
INSERT INTO found (v, k) VALUES (7, ARRAY['x', 'y'][2]);
INSERT INTO found SELECT 'no from', -1.5, CAST('2025-02-03' AS DATE)
