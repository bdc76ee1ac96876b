-- Times within ARRAYs are read as those of columns.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT id, at, at[1] + INTERVAL '1' DAY AS next, CARDINALITY(at) AS n FROM books
