-- A file used as a table has no watermark before its end.
SELECT ts, CURRENT_WATERMARK AS w, ts < CURRENT_WATERMARK AS late FROM 'tests/queries/data/back.csv'