-- INSERT casts to the sink's types; zones are those of the session.
SET 'timezone' = 'Asia/Tokyo';
CREATE TABLE k (
  id INT, ts TIMESTAMP, t TIME, z TIMESTAMP_LTZ(3), r REAL, y VARBINARY, s VARCHAR
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/kinds.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK typed (id INT, t TIME, z TIMESTAMP_LTZ, r REAL, y BYTES, d DATE) WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO typed SELECT id, ts, ts, CAST(id AS DOUBLE) / 3, s, z FROM k WHERE id IN (1, 2, 4)
