-- ROWs in ARRAYs: unnested, taken apart, grouped by.
CREATE TABLE quotes (
  id INT, q ROW<bid DECIMAL(10,2), ask DECIMAL(10,2), at TIMESTAMP, venue ROW<name VARCHAR, open BOOLEAN>>, levels ARRAY<ROW<p DOUBLE, s BIGINT>>
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/rows.jsonl', 'format' = 'json');
CREATE SINK a WITH ('connector' = 'file', 'path' = '${OUT}/a.csv', 'format' = 'csv');
CREATE SINK b WITH ('connector' = 'file', 'path' = '${OUT}/b.json', 'format' = 'json');
INSERT INTO a SELECT id, n, level.p, l.level.s, levels[1].p AS first FROM quotes CROSS JOIN UNNEST(levels) WITH ORDINALITY AS l (level, n);
INSERT INTO b SELECT level, COUNT(*) AS n, MAX(level.s) AS most FROM quotes CROSS JOIN UNNEST(levels) AS level GROUP BY level EMIT FINAL
