-- Elements of elements: of ARRAYs in ARRAYs, of ARRAYs beside each other, and of what ARRAY_AGG made.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
CREATE TABLE quotes (
  id INT, q ROW<bid DECIMAL(10,2), ask DECIMAL(10,2), at TIMESTAMP, venue ROW<name VARCHAR, open BOOLEAN>>, levels ARRAY<ROW<p DOUBLE, s BIGINT>>
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/rows.jsonl', 'format' = 'json');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK d WITH ('connector' = 'file', 'path' = '${OUT}/d.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT id, n, m, part FROM books CROSS JOIN UNNEST(bids) WITH ORDINALITY AS l (level, n) CROSS JOIN UNNEST(level) WITH ORDINALITY AS p (part, m);
INSERT INTO b SELECT id, tag, level FROM books, UNNEST(tags) AS t (tag) LEFT JOIN UNNEST(bids) AS l (level) ON TRUE WHERE id < 4 AND tag <> 'x';
INSERT INTO c SELECT part, COUNT(*) AS n, MAX(id) AS last FROM books CROSS JOIN UNNEST(bids) AS l (level) CROSS JOIN UNNEST(level) AS p (part) GROUP BY part EMIT FINAL;
INSERT INTO d SELECT id, p, e FROM (SELECT id, ARRAY_AGG(level.p) AS every FROM quotes CROSS JOIN UNNEST(levels) AS l (level) GROUP BY id EMIT FINAL) CROSS JOIN UNNEST(every) AS x (p) CROSS JOIN UNNEST(ARRAY[p, p + 1]) AS y (e)
