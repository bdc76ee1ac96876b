-- The time column may be computed, and be named otherwise.
CREATE TABLE days (id INT, d DECIMAL(10,4), x DOUBLE, n BIGINT, b BOOLEAN, day DATE, at AS CAST(day AS TIMESTAMP), WATERMARK FOR at AS at)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/numbers.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT id, at, CURRENT_WATERMARK(at) AS w, CURRENT_WATERMARK(_event_time) AS same FROM days