"""Queries of ARRAYs and ROWs: made of the table's columns, or read from JSON; their parts, and UNNEST."""
from expression import same
from query import Query, table

LEVELS = "ARRAY<ROW<p DOUBLE, s BIGINT>>"
NESTED = [  # name, velo-tpc's type, DuckDB's
    ("id", "BIGINT", "BIGINT"),
    ("q", "ROW<n BIGINT, s VARCHAR, i ROW<x BIGINT, f BOOLEAN>>", "STRUCT(n BIGINT, s VARCHAR, i STRUCT(x BIGINT, f BOOLEAN))"),
    ("levels", LEVELS, "STRUCT(p DOUBLE, s BIGINT)[]"),
    ("tags", "ARRAY<VARCHAR>", "VARCHAR[]"),
    ("m", "ARRAY<ARRAY<BIGINT>>", "BIGINT[][]"),
]


def nested_rows(rng):
    """Rows of `r` as JSON values, with parts that are NULL, or not there, and empty ARRAYs."""
    some = lambda make: None if rng.random() < 0.2 else make()
    several = lambda make: some(lambda: [some(make) for _ in range(rng.choice([0, 1, 1, 2, 3]))])
    number = lambda: rng.randint(-3, 4)
    text = lambda: rng.choice(["", "a", "b", "é", 'q"q', "a,b"])
    inner = lambda: {"x": some(number), "f": some(lambda: rng.random() < 0.5)}
    level = lambda: {"p": some(lambda: rng.randint(-80, 80) / 8), "s": some(number)}
    row = lambda id: {
        "id": id,
        "q": some(lambda: {"n": some(number), "s": some(text), "i": some(inner)}),
        "levels": several(level),
        "tags": several(text),
        "m": several(lambda: [some(number) for _ in range(rng.choice([0, 1, 2]))]),
    }
    return [row(id + 1) for id in range(rng.choice([0, 1, 30, 80]))]


# Expressions over `r`: velo-tpc's text, DuckDB's, the kind.
PARTS = [
    ("id", "id", "i"), ("q.n", "q.n", "i"), ("q.s", "q.s", "s"), ("q.i.x", "q.i.x", "i"), ("q.i.f", "q.i.f", "b"),
    ("CARDINALITY(tags)", "len(tags)", "i"), ("CARDINALITY(m)", "len(m)", "i"), ("tags[1]", "tags[1]", "s"), ("tags[3]", "tags[3]", "s"),
    ("levels[1].s", "levels[1].s", "i"), ("levels[2].p", "levels[2].p", "f"), ("m[1][1]", "m[1][1]", "i"), ("m[1][2]", "m[1][2]", "i"),
    ("q.n + q.i.x", "q.n + q.i.x", "i"), ("COALESCE(q.s, tags[1], '-')", "COALESCE(q.s, tags[1], '-')", "s"), ("q IS NULL", "q IS NULL", "b"),
    ("tags IS NULL", "tags IS NULL", "b"), ("ROW(q.n, id).f0", "{'f0': q.n, 'f1': id}.f0", "i"), ("ARRAY[q.n, id][1]", "[q.n, id][1]", "i"),
    ("CARDINALITY(m[1])", "len(m[1])", "i"), ("ARRAY[q.s, 'x'] = tags", "[q.s, 'x'] = tags", "b"),
]
TESTS = ["id > 3", "q.n > 0", "q.i.f", "q.i.f IS NULL", "tags[1] = 'a'", "levels[1].s IS NOT NULL", "q.s LIKE 'a%'"]


def some_parts(rng):
    parts = rng.sample(PARTS[:-1], rng.randint(2, 5))
    return parts, rng.choice(["", f" WHERE {rng.choice(TESTS)}", f" WHERE {rng.choice(TESTS)} AND NOT ({rng.choice(TESTS)})"])


def family_row(rng):
    """Parts of ROWs and ARRAYs, alone and as keys."""
    parts, where = some_parts(rng)
    kinds = [kind for *_, kind in parts]
    if rng.random() < 0.4:
        keys = parts[:2]
        names = ", ".join(f"c{i}" for i in range(len(keys)))
        items = lambda side: ", ".join(f"{part[side]} AS c{i}" for i, part in enumerate(keys)) + ", COUNT(*) AS n, MAX(q.i.x) AS m, COUNT(tags[1]) AS t"
        query = lambda side: f"SELECT {items(side)} FROM r{where} GROUP BY {names}"
        return Query("row", query(0) + " EMIT FINAL", query(1), kinds[:2] + ["i", "i", "i"])
    items = lambda side: ", ".join(f"{part[side]} AS c{i}" for i, part in enumerate(parts))
    return Query("row", f"SELECT {items(0)} FROM r{where}", f"SELECT {items(1)} FROM r{where}", kinds)


def unnested(rng, table, arrays, columns):
    """FROM of both: `arrays`, (velo-tpc's text, DuckDB's), side by side, named e0, e1 and, where they are numbered, n."""
    outer, numbered = rng.random() < 0.4, rng.random() < 0.5
    names = [f"e{i}" for i in range(len(arrays))] + ["n"] * numbered
    join = rng.choice(["LEFT JOIN", "LEFT OUTER JOIN"]) if outer else rng.choice(["CROSS JOIN", ",", "JOIN"])
    on = " ON TRUE" if join not in ("CROSS JOIN", ",") else ""
    velo = f"{table} {join} UNNEST({', '.join(velo for velo, _ in arrays)}){' WITH ORDINALITY' * numbered} AS u ({', '.join(names)}){on}"
    longest = "greatest(" + ", ".join(f"coalesce(len({duck}), 0)" for _, duck in arrays) + ", 0)"
    # A row without elements is one of NULLs in an outer join.
    elements = [f"CASE WHEN {longest} = 0 THEN [NULL] ELSE {duck} END" if outer else duck for _, duck in arrays]
    numbers = f"range(1, {longest} + 1)"
    elements += [f"CASE WHEN {longest} = 0 THEN [NULL] ELSE {numbers} END" if outer else numbers] * numbered
    # `range` numbers them whether or not that is asked for, so that rows have an order.
    items = ", ".join(f"unnest({element}) AS {name}" for element, name in zip(elements, names))
    return velo, f"(SELECT {columns}, {items}, unnest({numbers if not outer else f'range(1, greatest({longest}, 1) + 1)'}) AS place FROM {table})", numbered


def made_array(rng, gen):
    """An ARRAY of integers of the table's columns, NULL now and then."""
    items = [gen.of("i", rng.choice([0, 0, 1]), True) for _ in range(rng.randint(1, 3))]
    velo, duck = f"ARRAY[{', '.join(e.velo for e in items)}]", f"[{', '.join(e.duck for e in items)}]"
    if rng.random() < 0.4:
        test = gen.of("b", 1, True)
        return f"CASE WHEN {test.velo} THEN {velo} END", f"CASE WHEN {test.duck} THEN {duck} END"
    return velo, duck


def family_unnest(rng):
    """Elements as they are, grouped, or in the order of time, of one ARRAY or two."""
    gen = table(rng).gen
    arrays = [made_array(rng, gen) for _ in range(rng.choice([1, 1, 2]))]
    velo, duck, numbered = unnested(rng, "a", arrays, "id, ts, k, t, g")
    where = rng.choice(["", "", " WHERE t", " WHERE e0 > 0", " WHERE e0 IS NULL OR k < 'c'"])
    if rng.random() < 0.3:
        key = rng.choice(["e0", "k", "e0, k"])
        text = f"SELECT {key}, COUNT(*) AS n, COUNT(e0) AS m, MIN(e0) AS least, MAX(id) AS last FROM {{}}{where} GROUP BY {key}"
        kinds = [{"e0": "i", "k": "s"}[name] for name in key.split(", ")] + ["i"] * 4
        return Query("unnest", text.format(velo) + " EMIT FINAL", text.format(duck), kinds)
    if rng.random() < 0.4:
        key = rng.choice(["k", "e0", "t"])
        calls = rng.sample([("LAG(e0)", "i"), ("ROW_NUMBER()", "i"), ("LEAD(id, 2)", "i"), ("COUNT(e0)", "i")], 2)
        frame = lambda call: " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW" * call.startswith("COUNT")
        items = lambda order: ", ".join(f"{call} OVER (PARTITION BY {key} ORDER BY {order}{frame(call)}) AS o{i}" for i, (call, _) in enumerate(calls))
        kinds = ["i", "i"] + [kind for _, kind in calls]
        return Query("unnest", f"SELECT id, e0, {items('ts')} FROM {velo}{where} EMIT FINAL", f"SELECT id, e0, {items('ts, id, place')} FROM {duck}{where}", kinds)
    names = ["id", "k", "e0"] + ["e1"] * (len(arrays) - 1) + ["n"] * numbered
    kinds = ["i", "s"] + ["i"] * (len(names) - 2)
    return Query("unnest", f"SELECT {', '.join(names)} FROM {velo}{where}", f"SELECT {', '.join(names)} FROM {duck}{where}", kinds)


def family_unnest_read(rng):
    """Elements of ARRAYs that were read: texts, ROWs, and ARRAYs with their own elements."""
    where = rng.choice(["", f" WHERE {rng.choice(TESTS)}"])
    what = rng.randrange(3)
    if what == 0:
        velo, duck, _ = unnested(rng, "r", [("levels", "levels")], "id, q, tags, levels, m")
        items, kinds = "id, e0.p, e0.s, q.n", ["i", "f", "i", "i"]
        return Query("unnest_read", f"SELECT {items} FROM {velo}{where}", f"SELECT {items} FROM {duck}{where}", kinds)
    if what == 1:
        velo, duck, numbered = unnested(rng, "r", [("tags", "tags"), ("m", "m")], "id, q, tags, levels, m")
        items, kinds = f"id, e0, e1[1], {'CARDINALITY'}(e1)" + ", n" * numbered, ["i", "s", "i", "i"] + ["i"] * numbered
        return Query("unnest_read", f"SELECT {items} FROM {velo}{where}", f"SELECT {items.replace('CARDINALITY', 'len')} FROM {duck}{where}", kinds)
    velo, duck, _ = unnested(rng, "r", [("m", "m")], "id, q, tags, levels, m")
    left = rng.random() < 0.5
    join = "LEFT JOIN UNNEST(e0) AS v (x) ON TRUE" if left else "CROSS JOIN UNNEST(e0) AS v (x)"
    inner = "CASE WHEN coalesce(len(e0), 0) = 0 THEN [NULL] ELSE e0 END" if left else "e0"
    duck = f"(SELECT *, unnest({inner}) AS x FROM {duck})"
    if rng.random() < 0.5:
        text = f"SELECT x, COUNT(*) AS n, MAX(id) AS last FROM {{}}{where} GROUP BY x"
        return Query("unnest_read", text.format(f"{velo} {join}") + " EMIT FINAL", text.format(duck), ["i"] * 3)
    text = f"SELECT id, x, CARDINALITY(e0) AS size FROM {{}}{where}"
    return Query("unnest_read", text.format(f"{velo} {join}"), text.replace("CARDINALITY", "len").format(duck), ["i"] * 3)
