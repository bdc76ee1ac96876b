-- The generator's rows depend on its options alone.
CREATE TABLE feed WITH ('connector' = 'generator', 'kind' = 'trades', 'rows' = '500', 'seed' = '7', 'symbols' = '4', 'disorder' = '20ms');
SELECT symbol, COUNT(*) AS n, SUM(size) AS volume, MIN(ts) AS first, MAX(ts) AS last FROM feed GROUP BY symbol
