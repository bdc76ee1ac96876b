-- INSERT casts to the types of the sink, those of parts too.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
CREATE SINK out (r ROW<key BIGINT, size DOUBLE>, sizes MAP<STRING, DOUBLE>, deep MAP<STRING, ARRAY<BIGINT>>, keys ARRAY<INT>) WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO out SELECT ROW(id, sizes[2]), sizes, deep, MAP_KEYS(sizes) FROM maps
