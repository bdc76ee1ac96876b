"""Queries over queries: subqueries, unions, windows over windows, grouping sets."""
from expression import is_decimal, same
from generator import Gen
from of_rows import family_distinct, family_group, family_project, family_text
from of_windows import END, START, family_hop, family_tumble, window_query, windowed
from query import From, Query, Rows, group_query, maybe_where, named, table


def inner_source(rng, query, time=False):
    """A query as a source; what has no precision that can be followed is not calculated with."""
    kinds = {f"c{i}": kind for i, kind in enumerate(query.kinds) if not (is_decimal(kind) and kind[1] == 0)}
    velo = query.velo.removesuffix(" EMIT FINAL")
    return velo, From(f"({velo})", f"({query.duck})", Gen(rng, kinds), time=time)


def family_nested(rng):
    """Groups, or expressions, of groups, windows, DISTINCT and projections; as a subquery, or by WITH."""
    make = rng.choice([family_group, family_distinct, family_project, family_tumble, family_hop, family_text])
    velo, source = inner_source(rng, make(rng))
    if not source.gen.kinds or "TRY(" in source.duck:
        return family_nested(rng)  # a column that nobody reads is not computed, and does not fail then
    if rng.random() < 0.3 and make is not family_hop:
        items = [source.gen.any(1, True, "".join(k for k in "isbtf" if k in source.gen.kinds.values()) or "i") for _ in range(2)]
        rows = maybe_where(source, 0.5)
        names = [rows.add(e) for e in items]
        query = Query("nested", f"SELECT {', '.join(f'{e.velo} AS c{i}' for i, e in enumerate(items))} FROM {source.velo}{rows.where()} EMIT FINAL", f"SELECT {', '.join(names)} FROM ({rows.duck()})", [e.kind for e in items])
    else:
        query = group_query("nested", source, most=2)
    if rng.random() < 0.4:
        query.velo = f"WITH q AS ({velo}) " + query.velo.replace(source.velo, "q", 1)
    return query


def family_windows(rng):
    """Windows of windows, by window_time."""
    query = window_query(rng.choice(["tumble", "hop"]), rng)
    velo = query.velo.removesuffix(" EMIT FINAL").replace("SELECT ", "SELECT window_time, ", 1)
    inner = f"(SELECT c1 - INTERVAL 1 MICROSECOND AS window_time, * FROM ({query.duck}))"  # an end less a nanosecond
    velo_source, duck_source = windowed(rng, "tumble", "window_time", "q", inner)
    kinds = {f"c{i}": kind for i, kind in enumerate(query.kinds) if i > 1 and not (is_decimal(kind) and kind[1] == 0)}
    if not kinds or "TRY(" in query.duck:
        return family_windows(rng)
    source = From(velo_source, duck_source, Gen(rng, kinds), time=False)
    outer = group_query("windows", source, [START, END], 1)
    outer.velo = f"WITH q AS ({velo}) {outer.velo}"
    return outer


def subquery_test(gen):
    """A condition with a subquery over the same table: IN, EXISTS or a value, with the row's own key or without."""
    filter = gen.pick("", " WHERE q.t", " WHERE q.g IS NOT NULL", " WHERE q.g > 2", " WHERE q.id < 0", " WHERE q.s LIKE 'a%'")
    also = filter.replace(" WHERE", " AND")
    negated = gen.pick("", "NOT ")
    similar = gen.pick(("id", "g", "b"), ("k", "s"), ("ts", "u"), ("d",), ("y",))
    outer, inner, key, its = gen.pick(*similar), gen.pick(*similar), gen.pick("k", "s"), gen.pick("k", "s")
    call = gen.pick("MIN(q.b)", "MAX(q.g)", "COUNT(*)", "COUNT(q.k)", "MAX(q.id)")
    limited = gen.pick("", " LIMIT 1") if not filter else ""
    return same(gen.pick(
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q{filter}))",
        f"({negated}EXISTS (SELECT q.{inner} FROM a AS q{filter}))",
        f"({gen.pick('g', 'b', 'id')} {gen.pick('<', '>', '=', '<=')} (SELECT {call} FROM a AS q{filter}))",
        f"(g < (SELECT q.id FROM a AS q{filter} ORDER BY q.id{gen.pick('', ' DESC')} LIMIT 1))",
        f"({negated}EXISTS (SELECT 1 FROM a AS q WHERE q.{its} = a.{key}{also}))",
        f"({negated}EXISTS (SELECT q.id FROM a AS q WHERE a.{key} = q.{its} AND q.g = a.g{also}))",
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q WHERE q.{its} = a.{key}{also}))",
        f"(a.{outer} {negated}IN (SELECT q.{inner} FROM a AS q{filter} UNION ALL SELECT r.{inner} FROM a AS r WHERE r.g = 1{limited}))" if not limited else
        f"({negated}EXISTS (SELECT q.id FROM a AS q{limited}))",
    ), "b")


def family_subquery(rng):
    """Subqueries in items, in WHERE, and in HAVING."""
    source = table(rng)
    if rng.random() < 0.3:
        query = group_query("subquery", source, most=1, tail="")
        bound = rng.choice(["MIN(q.g)", "MAX(q.g)", "COUNT(*)"])
        having = f" HAVING COUNT(*) {rng.choice('<>')} (SELECT {bound} FROM a AS q WHERE q.id < 40)"
        if " HAVING " not in query.velo and " HAVING " not in query.duck:
            query.velo, query.duck = query.velo + having, query.duck + having
        query.velo += " EMIT FINAL"
        return query
    rows = Rows(source, subquery_test(source.gen) if rng.random() < 0.6 else None)
    items = [same("id", "i")] + [subquery_test(source.gen) for _ in range(rng.randint(1, 3))]
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("subquery", f"SELECT {velo} FROM a{rows.where()}", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])


def family_union(rng):
    """Groups, OVER and DISTINCT over unions of parts of the table; and unions with ORDER BY and LIMIT."""
    gen = table(rng).gen
    parts = [gen.pick("", " WHERE t", " WHERE g > 2", " WHERE k IS NOT NULL", " WHERE id < 40", " WHERE s < 'b'") for _ in range(3)]
    word = gen.pick("UNION ALL", "UNION ALL", "UNION")
    last = gen.pick(f"SELECT * FROM a{parts[2]}", "(SELECT * FROM a ORDER BY id, ts, k, g LIMIT 7)")
    union = gen.pick(
        f"SELECT * FROM a{parts[0]} {word} SELECT * FROM a{parts[1]}",
        f"SELECT * FROM a{parts[0]} UNION ALL SELECT * FROM a{parts[1]} {word} {last}",
        f"SELECT * FROM (SELECT * FROM a{parts[0]} UNION ALL SELECT * FROM a{parts[1]}) AS q WHERE b > 0 UNION ALL {last}",
    )
    if rng.random() < 0.3:  # the union itself
        columns = gen.pick("id, k", "k, t", "g, s")
        kinds = {"id": "i", "k": "s", "t": "b", "g": "i", "s": "s"}
        union = union.replace("*", columns) if "q" not in union and last not in union else f"SELECT {columns} FROM ({union}) AS r UNION SELECT {columns} FROM a{parts[0]}"
        return Query("union", union + " EMIT FINAL" * ("ALL" not in union.rsplit("UNION", 1)[1][:4]), union, [kinds[name] for name in columns.split(", ")])
    return group_query("union", From(f"({union}) AS a", f"({union}) AS a", gen, time=False))  # FIRST and LAST go by source order


def family_over_groups(rng):
    """Ranks of groups by their keys and aggregates, in the SELECT that groups, with QUALIFY."""
    gen = table(rng).gen
    keys = rng.sample(["k", "s", "g", "t"], rng.randint(1, 2))
    kinds = {"k": "s", "s": "s", "g": "i", "t": "b"}
    calls = rng.sample(["COUNT(*)", "SUM(g)", "MIN(s)", "MAX(k)", "COUNT(DISTINCT g)", "MAX(id)"], 2)
    of_calls = {"MIN(s)": "s", "MAX(k)": "s"}
    order = [f"{call} {gen.pick('', 'DESC')} NULLS LAST" for call in calls] + [f"{key} NULLS LAST" for key in keys]
    partition = gen.pick("", f"PARTITION BY {keys[0]} ")
    over = f"OVER ({partition}ORDER BY {', '.join(order[rng.randint(0, 1):])})"
    ranks = rng.sample([("ROW_NUMBER()", "i"), ("RANK()", "i"), ("DENSE_RANK()", "i"), ("PERCENT_RANK()", "f"), ("CUME_DIST()", "f"), ("NTILE(3)", "i")], 2)
    items = [(key, kinds[key]) for key in keys] + [(call, of_calls.get(call, "i")) for call in calls] + [(f"{rank} {over}", kind) for rank, kind in ranks]
    where = gen.pick("", " WHERE t", " WHERE id < 60")
    having = gen.pick("", " HAVING COUNT(*) > 1")
    qualify = gen.pick("", f" QUALIFY ROW_NUMBER() {over} <= 3", f" QUALIFY RANK() {over} < 3 AND COUNT(*) > 1")
    text = f"SELECT {', '.join(f'{item} AS c{i}' for i, (item, _) in enumerate(items))} FROM a{where} GROUP BY {', '.join(keys)}{having}{qualify}"
    return Query("over_groups", text + " EMIT FINAL", text, [kind for _, kind in items])


def family_grouping(rng):
    """GROUPING SETS, ROLLUP and CUBE with GROUPING, HAVING and OVER."""
    gen = table(rng).gen
    kinds = {"k": "s", "s": "s", "g": "i", "t": "b"}
    keys = rng.sample(list(kinds), rng.randint(1, 3))
    listed = ", ".join(keys)
    some = f"({', '.join(rng.sample(keys, rng.randint(1, len(keys))))})"
    sets = gen.pick(f"ROLLUP ({listed})", f"CUBE ({listed})", f"GROUPING SETS (({listed}), {some}, ())", f"GROUPING SETS ({some}, ({listed}), {some})")
    if len(keys) > 1:
        sets = gen.pick(sets, sets, f"{keys[0]}, ROLLUP ({', '.join(keys[1:])})", f"ROLLUP ({keys[0]}), CUBE ({', '.join(keys[1:])})")
    calls = rng.sample(["COUNT(*)", "SUM(g)", "MIN(s)", "MAX(k)", "COUNT(DISTINCT g)", "MAX(id)"], 2)
    items = [(key, kinds[key]) for key in keys] + [(call, {"MIN(s)": "s", "MAX(k)": "s"}.get(call, "i")) for call in calls]
    items.append((f"GROUPING({', '.join(rng.sample(keys, rng.randint(1, len(keys))))})", "i"))
    if rng.random() < 0.4:
        items.append((f"RANK() OVER (PARTITION BY GROUPING({listed}) ORDER BY {calls[0]} DESC NULLS LAST)", "i"))
    where = gen.pick("", " WHERE t", " WHERE id < 60", " WHERE id < 0")
    having = gen.pick("", "", " HAVING COUNT(*) > 1", f" HAVING GROUPING({keys[0]}) = 0")
    text = f"SELECT {', '.join(f'{item} AS c{i}' for i, (item, _) in enumerate(items))} FROM a{where} GROUP BY {sets}{having}"
    return Query("grouping", text + " EMIT FINAL", text, [kind for _, kind in items])
