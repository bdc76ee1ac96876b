-- MAPs of the same entries are equal, in whatever order they are written, and one key.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
SELECT tags, sizes, COUNT(*) AS n, ARRAY_AGG(id) AS ids, COUNT(DISTINCT sizes) AS kinds FROM maps GROUP BY tags, sizes EMIT FINAL
