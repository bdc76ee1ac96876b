-- Every type in a frame that slides on its own: BOOLEAN, DATE, DOUBLE with NaN, wide DECIMAL sums.
CREATE TABLE numbers (id BIGINT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE, ts AS TIMESTAMP '2025-01-01 00:00:00' + INTERVAL '1' SECOND, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, MIN(b) OVER w AS some_false, MAX(day) OVER w AS latest, SUM(x) OVER w AS total, MIN(x) OVER w AS least,
       SUM(d) OVER w AS exact, AVG(n) OVER w AS mean, LAST(x) OVER w AS last, FIRST_VALUE(b) OVER w AS flag
FROM numbers
WINDOW w AS (ORDER BY ts ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING)
