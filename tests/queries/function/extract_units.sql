-- Every unit of EXTRACT, and the calls that have one in their name.
CREATE TABLE v (
  id INT, i INT, b BIGINT, x DOUBLE, d DECIMAL(12,4), s VARCHAR, p VARCHAR, n INT, ts TIMESTAMP
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/values.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, EXTRACT(YEAR FROM ts) AS y, QUARTER(ts) AS q, EXTRACT(MONTH FROM ts) AS mo, WEEK(ts) AS w, EXTRACT(DAY FROM ts) AS d, DAYOFWEEK(ts) AS dow, EXTRACT(ISODOW FROM ts) AS iso,
       DAYOFYEAR(ts) AS doy, EXTRACT(HOUR FROM ts) AS h, EXTRACT(MINUTE FROM ts) AS mi, EXTRACT(SECOND FROM ts) AS s, EXTRACT(MILLISECOND FROM ts) AS ms, EXTRACT(MICROSECOND FROM ts) AS us,
       EXTRACT(NANOSECOND FROM ts) AS ns, EXTRACT(EPOCH FROM ts) AS e, DATE_PART('dow', ts) AS part
FROM v
