-- An ARRAY that is read is a key like one that is made.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT tags, COUNT(*) AS n, ARRAY_AGG(id) AS ids, ARRAY_AGG(bids) AS books FROM books GROUP BY tags
