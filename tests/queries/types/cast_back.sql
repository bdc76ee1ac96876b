-- What is cast to VARCHAR comes back as it was, whatever its parts; part by part also within others.
CREATE VIEW v AS
SELECT ARRAY[DATE '2025-01-02', NULL] AS days, ROW(1.50, 'a"\', TRUE, 2e0) AS r, MAP['b', ARRAY[1], 'a', NULL] AS m,
       ARRAY[TIMESTAMP '2025-01-02 03:04:05.6'] AS times;
SELECT days = CAST(CAST(days AS VARCHAR) AS ARRAY<DATE>) AS days, m = CAST(CAST(m AS VARCHAR) AS MAP<VARCHAR, ARRAY<INT>>) AS m,
       CAST(CAST(r AS VARCHAR) AS ROW<f0 DECIMAL(3,2), f1 VARCHAR, f2 BOOLEAN, f3 DOUBLE>) AS r,
       times = '["2025-01-02 03:04:05.6"]' AS times, CAST(ARRAY['[1,2]', '[]'] AS ARRAY<ARRAY<INT>>)[1][2] AS two
FROM v
