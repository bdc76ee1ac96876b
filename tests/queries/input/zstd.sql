-- A zstd file used as a table: columns and types from its head.
SELECT symbol, COUNT(*) AS n, SUM(size) AS volume FROM 'tests/queries/data/trades.csv.zst' GROUP BY symbol
