-- Slices with a step: from the first place on, backwards where it is negative; bounds that are left out are the ends.
CREATE VIEW v (id, a, t) AS VALUES
  (1, ARRAY[1, 2, 3, 4, 5], ARRAY['a', NULL, '', 'dd', 'eeeee']), (2, ARRAY[7], ARRAY[NULL]), (3, NULL, ARRAY['x']), (4, ARRAY[1, NULL, 3, 4], ARRAY['p', 'q']);
SELECT id, a[1:-1:2] AS odd, a[2:5:2] AS even, a[-1:1:-1] AS back, t[:1:-2] AS two_back, t[-1:-3:-1] AS last_three, a[:-1:3] AS thirds,
       a[id:9:100] AS one, a[0:4:2] AS from_none, a[4:1:1] AS none, a[1:4:-1] AS none_back, a[9:1:-2] AS beyond
FROM v
