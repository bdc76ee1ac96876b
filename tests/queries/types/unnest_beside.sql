-- Arrays side by side, NULL where one is shorter; ORDINALITY behind the columns; the star.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT * FROM (SELECT id, tags, at FROM books WHERE id <> 5) AS b CROSS JOIN UNNEST(tags, at, ARRAY[id, id * 10]) AS u (tag, time, number) WITH ORDINALITY
