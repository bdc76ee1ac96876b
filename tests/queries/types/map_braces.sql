-- MAP in braces is MAP in brackets.
SELECT MAP {'b': 1, 'a': NULL, 'c' || 'd': 1 + 2} AS m, MAP {1: MAP {'x': ARRAY[2, 3]}, 2: NULL}[1]['x'][2] AS three,
       MAP{'k':'v'} = MAP['k', 'v'] AS same, MAP {x: x * 2} AS by_column, MAP {CASE WHEN x > 1 THEN 'big' ELSE 'small' END: '{}'} AS c
FROM (VALUES (1), (2)) AS t (x)
