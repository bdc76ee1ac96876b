-- JSON text as ARRAY, ROW and MAP and back; what is no such text is an error of its row, NULL in TRY_CAST.
CREATE VIEW v (id, t) AS VALUES
  (1, '[1, null, 3]'), (2, ' [] '), (3, '[1.5]'), (4, '["7"]'), (5, NULL), (6, '[1'),
  (7, '{"a": 1, "B": [{"x": 2.50}, {}], "a": 4}'), (8, '{}'), (9, '{"2025-01-02": [true], "k": null}'), (10, '["x", {"y": "]"}, [ 1, 2 ]]');
SELECT id, TRY_CAST(t AS ARRAY<INT>) AS ints, TRY_CAST(t AS ROW<a BIGINT, b ARRAY<ROW<x DECIMAL(9,2)>>>) AS r,
       TRY_CAST(t AS MAP<VARCHAR, VARCHAR>) AS m, TRY_CAST(t AS ARRAY<VARCHAR>)[2] AS second
FROM v
