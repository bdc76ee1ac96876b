-- Keys of every type by bitmap; a NULL is a key, and where NOT NULL says so a refused record.
CREATE TABLE odd (
  flag BOOLEAN, i INT NOT NULL, n BIGINT, x DOUBLE, d DECIMAL(9,2), w DECIMAL(38,4), day DATE, at TIMESTAMP, code CHAR(4), name VARCHAR(20)
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/odd.bin', 'format' = 'binary', 'binary.nulls' = 'bitmap',
        'timestamp.format' = 'ms');
SELECT flag, x, w, day, name, COUNT(*) AS n, MAX(i) AS i FROM odd GROUP BY flag, x, w, day, name;
