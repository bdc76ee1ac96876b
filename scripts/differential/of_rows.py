"""Queries of rows and of groups without windows."""
from expression import same
from planted import planted
from query import Query, group_query, maybe_where, named, projection, table


def family_where(rng):
    return projection("where", rng, "isb", 2, chance=1.0)


def family_math(rng):
    return projection("math", rng, "iiif", 3, ["double_call"])


def family_decimal(rng):
    return projection("decimal", rng, "d", 3, ["decimal_call"])


def family_text(rng):
    return projection("text", rng, "ssssib", 3)


def family_time(rng):
    return projection("time", rng, "ttyib", 3, ["extract_call"])


def family_project(rng):
    return projection("project", rng, "iifdsbty", 3, chance=0.5)


def family_group(rng):
    return group_query("group", table(rng))


def family_distinct(rng):
    rows = maybe_where(table(rng))
    items = [rows.source.gen.any(rng.choice([0, 0, 1]), kinds="iisstbydf") for _ in range(rng.randint(1, 3))]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    duck = named([rows.add(e) for e in items])
    return Query("distinct", f"SELECT DISTINCT {velo} FROM a{rows.where()} EMIT FINAL", f"SELECT DISTINCT {duck} FROM ({rows.duck()})", [e.kind for e in items])


def family_order(rng):
    """Rows, or groups, in a total order, cut to a few."""
    rows = maybe_where(table(rng))
    gen = rows.source.gen
    items = [gen.any(1, kinds="iisstybdf") for _ in range(rng.randint(1, 3))] + [same("id", "i")]
    names = [rows.add(e) for e in items]
    order = list(range(len(items) - 1))
    rng.shuffle(order)
    words = [rng.choice(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]) for _ in order] + [rng.choice(["", " DESC"])]
    order.append(len(items) - 1)
    limit = f" LIMIT {rng.randint(0, 20)}" if rng.random() < 0.7 else ""
    # NULLs last, ascending or not.
    usual = " NULLS FIRST" if planted("NULLs come first") else " NULLS LAST"
    velo = ", ".join(f"c{i}{w}" for i, w in zip(order, words))
    duck = ", ".join(f"v{i}{w}{'' if 'NULLS' in w else usual}" for i, w in zip(order, words))
    select = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("order", f"SELECT {select} FROM a{rows.where()} ORDER BY {velo}{limit} EMIT FINAL", f"SELECT {named(names)} FROM ({rows.duck()}) ORDER BY {duck}{limit}", [e.kind for e in items], ordered=True)
