-- UNNEST among the items: with a name of its own or not, twice, inside an expression, beside the star.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv');
INSERT INTO a SELECT id, UPPER(UNNEST(tags)) AS tag, UNNEST(tags) AS same FROM books WHERE id < 4 ORDER BY tag DESC, id LIMIT 4;
INSERT INTO b SELECT UNNEST(tags), CAST(UNNEST(at) AS VARCHAR) || '!' AS time, id FROM books WHERE id = 7;
INSERT INTO c SELECT DISTINCT UNNEST(tags) AS tag FROM books EMIT FINAL
