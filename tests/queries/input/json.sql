-- JSON lines: nested paths, members in any order, escapes, a number as text, an empty line, what is missing is NULL.
CREATE TABLE quotes (ts TIMESTAMP, symbol VARCHAR, bid DECIMAL(10,2), bid_size BIGINT, ask DOUBLE, live BOOLEAN,
  WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/quotes.jsonl', 'format' = 'json', 'timestamp.format' = 'ms',
  'json.path.ts' = 'data.t', 'json.path.symbol' = '$.data.s', 'json.path.bid' = 'bid.p', 'json.path.bid_size' = 'bid.q', 'json.path.ask' = 'ask.p');
SELECT * FROM quotes
