-- What is known of a record beside its bytes; the columns are not part of the star.
CREATE TABLE few (
  ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT *, _offset, _partition, _event_time, _key, _topic FROM few WHERE _offset > 100 AND _event_time < TIMESTAMP '2025-01-02 09:30:03.5'
