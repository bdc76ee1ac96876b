-- Fixed-width records: 4 bytes of REAL, 8 of TIME and TIMESTAMP_LTZ, n of BINARY(n), which must have them all.
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b (id INT, t TIME, z TIMESTAMP_LTZ, r REAL, y BINARY(2)) WITH ('connector' = 'stdout', 'format' = 'binary', 'binary.nulls' = 'bitmap', 'timestamp.format' = 'ms');
INSERT INTO b SELECT id, t, z, r, y FROM k
