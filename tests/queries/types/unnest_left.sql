-- LEFT JOIN UNNEST: a row without elements stays with NULLs, whatever WHERE says of its own columns.
CREATE TABLE books (id INT, bids ARRAY<ARRAY<DECIMAL(10,2)>>, tags ARRAY<VARCHAR>, at ARRAY<TIMESTAMP>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/books.jsonl', 'format' = 'json');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.csv', 'format' = 'csv', 'csv.header' = 'true');
CREATE SINK c WITH ('connector' = 'file', 'path' = '${OUT}/c.csv', 'format' = 'csv', 'csv.header' = 'true');
INSERT INTO a SELECT id, tag, n FROM books LEFT JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, n) ON TRUE;
INSERT INTO b SELECT tag, COUNT(*) AS n, COUNT(tag) AS tags, MIN(id) AS least FROM books LEFT OUTER JOIN UNNEST(tags) AS t (tag) ON TRUE WHERE id > 1 GROUP BY tag EMIT FINAL;
INSERT INTO c SELECT id, tag FROM books JOIN UNNEST(tags) AS t (tag) ON TRUE WHERE tag IS NULL OR tag > 'b'
