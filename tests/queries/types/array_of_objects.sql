-- Elements of ARRAY<VARCHAR> that are no strings in JSON are the text of the whole element.
CREATE TABLE quotes (id INT, levels ARRAY<VARCHAR>)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/objects.jsonl', 'format' = 'json');
SELECT id, CARDINALITY(levels) AS n, levels[1] AS first, JSON_VALUE(levels[2], '$.s') AS s, levels FROM quotes
