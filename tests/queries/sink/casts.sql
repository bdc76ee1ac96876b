-- INSERT casts to the sink's types; what does not fit is a row error.
CREATE TABLE numbers (
  id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK narrow (id BIGINT, d DECIMAL(3,1), n INT) WITH ('connector' = 'stdout', 'format' = 'csv');
INSERT INTO narrow SELECT id, d, n FROM numbers
