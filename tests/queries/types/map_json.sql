-- MAPs are objects in JSON, their keys names; CAST gives the text.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
CREATE SINK out (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<STRING, ARRAY<INT>>, text VARCHAR) WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO out SELECT id, tags, sizes, deep, CAST(sizes AS VARCHAR) FROM maps WHERE id < 6
