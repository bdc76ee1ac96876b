-- Values at paths: NULL where there is none, where the text is no JSON, and for JSON's null.
CREATE TABLE v (id INT, j VARCHAR) WITH ('connector' = 'file', 'path' = 'tests/queries/data/json.csv', 'format' = 'csv', 'csv.header' = 'true',
      'csv.delimiter' = ';', 'csv.quote' = '''');
SELECT id, JSON_VALUE(j, '$.a.b[1]') AS two, JSON_VALUE(j, '$.name') AS name, JSON_VALUE(j, '$.n' RETURNING DECIMAL(10,2)) AS n, JSON_VALUE(j, 'lax $.n' RETURNING INT) AS i,
       JSON_VALUE(j, '$') AS self, JSON_QUERY(j, '$.a') AS a, JSON_QUERY(j, '$[1]["x y"]') AS xy, JSON_QUERY(j, '$.n') AS scalar, JSON_EXISTS(j, '$.a') AS has, JSON_VALUE(j, NULL) AS nothing
FROM v
