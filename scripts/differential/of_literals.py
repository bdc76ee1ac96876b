"""VALUES, slices of ARRAYs and MAPs, made in the query itself."""
from expression import literal_text, same
from query import From, Query, group_query, maybe_where, named, table
from generator import Gen


def made(rng, kind):
    """A literal, or NULL."""
    if rng.random() < 0.2:
        return "NULL"
    number = rng.randint(-3, 9)
    return {"i": str(number), "s": literal_text(rng.choice(["", "a", "b", "é", "it's", "a,b"])), "f": f"{number / 8}e0", "b": rng.choice(["TRUE", "FALSE"]), "t": f"TIMESTAMP '2025-01-01 00:00:{number + 13}.5'", "y": f"DATE '2025-02-{number + 13}'"}[kind]


def values(rng):
    """VALUES as a source: a few columns of any kinds, each with a value somewhere."""
    kinds = {f"c{at}": kind for at, kind in enumerate(rng.choices("iisfbty", k=rng.randint(1, 4)))}
    rows = [[made(rng, kind) for kind in kinds.values()] for _ in range(rng.randint(1, 7))]
    for at, kind in enumerate(kinds.values()):
        if all(row[at] == "NULL" for row in rows):
            rows[rng.randrange(len(rows))][at] = {"i": "4", "s": "'a'", "f": "0.5e0", "b": "TRUE", "t": "TIMESTAMP '2025-01-01 00:00:10'", "y": "DATE '2025-02-10'"}[kind]
    text = f"(VALUES {', '.join(f'({chr(44).join(row)})' for row in rows)}) AS v ({', '.join(kinds)})"
    return From(text, f"(SELECT {', '.join(f'CAST({name} AS BIGINT) AS {name}' if kind == 'i' else name for name, kind in kinds.items())} FROM {text})", Gen(rng, kinds), time=False)


def family_values(rng):
    """Rows and groups of VALUES; IN of them."""
    if rng.random() < 0.25:
        source = table(rng)
        kind = rng.choice("is")
        listed = ", ".join(f"({made(rng, kind)})" for _ in range(rng.randint(1, 4)))
        column, negated = rng.choice({"i": ["g", "id", "b"], "s": ["k", "s"]}[kind]), rng.choice(["", "NOT "])
        if "NULL" not in listed or kind == "i":
            typed = listed.replace("NULL", "CAST(NULL AS BIGINT)") if kind == "i" else listed
            test = f"{column} {negated}IN (SELECT x FROM (VALUES {typed}) AS v (x))"
            return Query("values", f"SELECT id FROM a WHERE {test}", f"SELECT id FROM a WHERE {test}", ["i"])
    source = values(rng)
    if rng.random() < 0.5:
        return group_query("values", source, most=2)
    rows = maybe_where(source, 0.5)
    items = [source.gen.any(1, True, "".join(set(source.gen.kinds.values()))) for _ in range(rng.randint(1, 3))]
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("values", f"SELECT {velo} FROM {source.velo}{rows.where()} EMIT FINAL", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])


def family_slice(rng):
    """`a[from:to:step]` with bounds left out, behind the end, counted from it, of columns, and NULL."""
    arrays = [("tags", "tags"), ("m[1]", "m[1]"), ("ARRAY[id, q.n, NULL, q.i.x, 7]", "[id, q.n, NULL, q.i.x, 7]"), ("ARRAY[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 6]")]
    velo, duck = ["id"], ["id"]
    for at in range(rng.randint(1, 4)):
        its, other = rng.choice(arrays)
        step = rng.choice([None, None, 1, 2, 3, -1, -2, -4])
        bound = lambda: rng.choice([None, *map(str, range(-7, 9)), "q.n", "id % 4"])
        first, last = bound(), bound()
        if step is not None and last is None:  # `::` is a cast
            last = "-1" if step > 0 else "1"
        begins, ends = ("1", "-1") if (step or 1) > 0 else ("-1", "1")
        text = f"{first or ''}:{last or ''}" + ("" if step is None else f":{step}")
        velo.append(f"CAST({its}[{text}] AS VARCHAR) AS c{at}")
        duck.append(f"CAST(to_json(list_slice({other}, {first or begins}, {last or ends}{'' if step is None else f', {step}'})) AS VARCHAR) AS c{at}")
    return Query("slice", f"SELECT {', '.join(velo)} FROM r", f"SELECT {', '.join(duck)} FROM r", ["i"] + ["s"] * (len(velo) - 1))


def family_map(rng):
    """`MAP {k: v}`: entries, keys, values, equality, as a key of groups, and as text."""
    keys = sorted(rng.sample(["'a'", "'b'", "'c'", "'é'", "''"], rng.randint(1, 4)))
    what = lambda: rng.choice(["q.n", "id", "q.i.x", "3", "NULL", "q.n + 1"])
    entries = [(key, what()) for key in keys]
    if all(value == "NULL" for _, value in entries):
        entries[0] = (entries[0][0], "id")
    map_of = lambda entries: f"MAP {{{', '.join(f'{key}: {value}' for key, value in entries)}}}"
    m, shuffled = map_of(entries), map_of(rng.sample(entries, len(entries)))
    text = lambda side: f"CAST({side} AS VARCHAR)"
    parts = [
        (f"{shuffled}[{key}]", f"{m}[{key}]", "i") for key in ["'a'", "'b'", "q.s"]
    ] + [
        (f"CARDINALITY({shuffled})", f"cardinality({m})", "i"), (text(shuffled), text(f"to_json({m})"), "s"), (f"{shuffled} = {m}", f"{m} = {m}", "b"),
        (text(f"MAP_KEYS({shuffled})"), text(f"to_json(map_keys({m}))"), "s"), (text(f"MAP_VALUES({shuffled})"), text(f"to_json(map_values({m}))"), "s"),
        (f"MAP {{q.n: id}}[2]", f"CASE WHEN q.n = 2 THEN id END", "i"),
    ]
    chosen = rng.sample(parts[:-1], rng.randint(1, 4))
    if rng.random() < 0.3:
        chosen = chosen[:2]
        items = lambda side: ", ".join(f"{part[side]} AS c{at}" for at, part in enumerate(chosen))
        return Query("map", f"SELECT {items(0)}, COUNT(*) AS n FROM r GROUP BY {', '.join(f'c{at}' for at in range(len(chosen)))} EMIT FINAL", f"SELECT {items(1)}, count(*) AS n FROM r GROUP BY {', '.join(f'c{at}' for at in range(len(chosen)))}", [part[2] for part in chosen] + ["i"])
    if rng.random() < 0.2:
        chosen, where = [parts[-1]], " WHERE q.n IS NOT NULL"
    else:
        where = ""
    items = lambda side: ", ".join(f"{part[side]} AS c{at}" for at, part in enumerate(chosen))
    return Query("map", f"SELECT id, {items(0)} FROM r{where}", f"SELECT id, {items(1)} FROM r{where}", ["i"] + [part[2] for part in chosen])
