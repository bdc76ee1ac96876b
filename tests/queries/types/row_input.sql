-- Columns of ROW from JSON objects, in a string too: parts by name, the last of several, missing ones NULL; what is no object, or has a wrong part, is refused.
CREATE TABLE quotes (
  id INT, q ROW<bid DECIMAL(10,2), ask DECIMAL(10,2), at TIMESTAMP, venue ROW<name VARCHAR, open BOOLEAN>>, levels ARRAY<ROW<p DOUBLE, s BIGINT>>
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/rows.jsonl', 'format' = 'json');
SELECT id, q, q.bid, q.ask - q.bid AS spread, x.q.at, q.venue.name AS venue, q.venue.open FROM quotes AS x
