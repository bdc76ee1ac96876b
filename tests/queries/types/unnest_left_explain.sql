-- EXPLAIN of LEFT JOIN UNNEST.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
EXPLAIN SELECT id, tag FROM books LEFT JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, n) ON TRUE WHERE id > 1 AND n IS NULL
