-- A text that is none is an error of its row, which is counted.
CREATE TABLE found (id INT, a ARRAY<INT>) WITH ('connector' = 'stdout', 'format' = 'json');
INSERT INTO found VALUES (1, '[1,2]'), (2, '[1,2'), (3, '{"a":1}'), (4, '[2147483648]'), (5, 'null'), (6, NULL), (7, '[null]')
