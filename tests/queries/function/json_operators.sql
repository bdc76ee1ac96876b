-- -> keeps JSON, ->> takes the text of a string; names, indices and paths, one after the other.
CREATE TABLE v (id INT, j VARCHAR) WITH ('connector' = 'file', 'path' = 'tests/queries/data/json.csv', 'format' = 'csv', 'csv.header' = 'true',
      'csv.delimiter' = ';', 'csv.quote' = '''');
SELECT id, j -> 'a' AS a, j -> 'a' -> 'b' ->> 1 AS two, j -> 'name' AS name, j ->> 'name' AS text, j ->> 1 AS item, j -> '$[1]["x y"].z' AS path, j ->> 'ok' = 'true' AS ok,
       JSON_EXTRACT(j, '$.n') AS n, JSON_EXTRACT_STRING(j, '$[2]') AS s
FROM v WHERE j ->> 'a' IS NOT NULL OR id <> 6
