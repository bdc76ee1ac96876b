-- ARRAYs in JSON: nested, with NULLs, in a string too; what is no array, or not of the element's type, is refused.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
SELECT id, bids, bids[1][1] AS best, CARDINALITY(bids) AS depth, tags, tags[2] AS second, CONTAINS(tags, 'x') AS x FROM books
