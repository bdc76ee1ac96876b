-- MAPs in CSV are JSON text, as ARRAYs and ROWs are.
CREATE TABLE maps (id INT, m MAP<VARCHAR, INT>, d MAP<DATE, BOOLEAN>) WITH ('connector' = 'file', 'path' = 'tests/queries/data/maps.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, m, m['a'] AS a, d, d[DATE '2025-01-02'] AS day, MAP_KEYS(d) AS days, MAP_VALUES(m) AS v, m = MAP['a', 2, 'b', 1] AS same FROM maps
