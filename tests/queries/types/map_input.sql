-- Columns of MAP from JSON objects, in a string too: entries stand by their keys, the last of several counts; what is no object, or has a wrong key or value, is refused.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
SELECT id, tags, tags['venue'] AS venue, sizes, sizes[2] AS two, sizes[id] AS own, deep, deep['a'][2] AS second, CARDINALITY(sizes) AS n, tags IS NULL AS missing FROM maps
