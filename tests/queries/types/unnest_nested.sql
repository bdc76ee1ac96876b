-- Elements that are ARRAYs, and their parts, filtered by both; behind a comma, named by the alias.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT id, level, level[1] AS price, level[2] AS size FROM books, UNNEST(bids) AS level WHERE id < 6 AND level[1] > 101
