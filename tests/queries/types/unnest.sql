-- UNNEST in FROM: elements with NULLs among them, none of an empty array or of NULL, what is no array is refused.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT id, tag, n FROM books AS b CROSS JOIN UNNEST(b.tags) WITH ORDINALITY AS t (tag, n)
