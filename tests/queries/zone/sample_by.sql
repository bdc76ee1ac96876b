-- As QuestDB writes it.
CREATE TABLE days (ts TIMESTAMP, k VARCHAR, v BIGINT, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'file', 'path' = 'tests/queries/data/days.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, ts, SUM(v) AS total FROM days SAMPLE BY 1d ALIGN TO CALENDAR TIME ZONE 'America/New_York' WITH OFFSET '09:30'
