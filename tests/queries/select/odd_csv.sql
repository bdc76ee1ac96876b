-- BOM, CRLF, ';' and ' as signs, a quoted line break, text for NULL (not when quoted), an empty line, no last newline.
CREATE TABLE odd (time TIMESTAMP, name VARCHAR, note VARCHAR, amount INT)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/odd.csv', 'format' = 'csv', 'csv.header' = 'true',
      'csv.delimiter' = ';', 'csv.quote' = '''', 'csv.null' = 'N/A');
SELECT time, name, name IS NULL AS no_name, note, note = '' AS empty, amount FROM odd
