-- Keys of MAPs as groups, without names of their own; beside another array.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
SELECT key, COUNT(*) AS n, MAX(value) AS most, COUNT(unnest3) AS beside FROM maps CROSS JOIN UNNEST(sizes, ARRAY[id]) AS u GROUP BY key EMIT FINAL
