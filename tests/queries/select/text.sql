-- Text functions count code points and change the case of ASCII only.
CREATE TABLE odd (t TIMESTAMP, name VARCHAR, note VARCHAR, amount INT)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/odd.csv', 'format' = 'csv', 'csv.header' = 'false',
      'csv.delimiter' = ';', 'csv.quote' = '''', 'csv.null' = 'N/A', 'on.error' = 'skip');
SELECT UPPER(note) AS u, CHAR_LENGTH(note) AS n, SUBSTRING(name FROM 2 FOR 2) AS part, TRIM('  x ') AS t, CONCAT(name, '|', note) AS c
FROM odd
