-- A column of the table's own with the name of a system column stays what it is.
CREATE TABLE few (
  ts TIMESTAMP, _key VARCHAR, price DECIMAL(10,2), _offset BIGINT, side VARCHAR,
  _worker AS 'mine'
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'false');
SELECT *, _partition FROM few WHERE _key = 'AAPL'
