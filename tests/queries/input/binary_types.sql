-- Every type with its edges, NULLs by bitmap, a record of each fault, and a cut one.
CREATE TABLE odd (
  flag BOOLEAN, i INT, n BIGINT, x DOUBLE, d DECIMAL(9,2), w DECIMAL(38,4), day DATE, at TIMESTAMP, code CHAR(4), name VARCHAR(20)
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/odd.bin', 'binary.nulls' = 'bitmap', 'timestamp.format' = 'ms');
SELECT flag, i, n, x, d, w, day, at, code, name, CHAR_LENGTH(code) AS length FROM odd;
