-- UNNEST of a MAP is its keys and values side by side.
CREATE TABLE maps (id INT, tags MAP<VARCHAR, VARCHAR>, sizes MAP<BIGINT, DECIMAL(10,2)>, deep MAP<VARCHAR, ARRAY<INT>>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.jsonl', 'format' = 'json');
SELECT id, u.tag, text, ordinality, LENGTH(text) AS n FROM maps CROSS JOIN UNNEST(tags) WITH ORDINALITY AS u (tag, text) WHERE tag <> ''
