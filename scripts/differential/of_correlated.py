"""Subqueries whose rows depend on the row around them: values, and IN of several values."""
from expression import same
from query import Query, Rows, named, table


def value(gen):
    """A value by the row's keys; NULL, or an aggregate of no rows, where there are none."""
    filter = gen.pick("", " AND q.t", " AND q.g > 1", " AND q.id < 30", " AND q.b > 0")
    keys = gen.pick("q.k = a.k", "a.k = q.k", "q.k = a.s", "q.k = a.k AND q.g = a.g", "q.g = a.g - 1", "q.t = a.t")
    call, kind = gen.pick(("MAX(q.id)", "i"), ("MIN(q.g)", "i"), ("COUNT(*)", "i"), ("COUNT(q.k)", "i"), ("SUM(q.g)", "i"), ("COUNT(DISTINCT q.s)", "i"), ("MAX(q.s)", "s"), ("COALESCE(MAX(q.g), -7)", "i"))
    having = gen.pick("", "", f" HAVING COUNT(*) {gen.pick('>', '<', '=')} {gen.pick(0, 1, 3)}")
    # Groups by what the row's keys are compared with are one for each row.
    groups = gen.pick("", "", " GROUP BY " + ", ".join(name for name in ("q.k", "q.g", "q.t") if name in keys))
    scalar = f"(SELECT {call} FROM a AS q WHERE {keys}{filter}{groups}{having})"
    alone = f"(SELECT q.s FROM a AS q WHERE q.id = a.id{filter})"
    return gen.pick((scalar, kind), (scalar, kind), (alone, "s"))


def test(gen):
    """A condition with such a value, or with IN of several."""
    negated = gen.pick("", "NOT ")
    filter = gen.pick("", " WHERE q.t", " WHERE q.g > 1", " WHERE q.id < 0")  # DuckDB refuses correlated ones of several values
    text, kind = value(gen)
    than = gen.pick("g", "b", "id") if kind == "i" else gen.pick("k", "s")
    return gen.pick(
        f"({than} {gen.pick('<', '>', '=', '<>')} {text})",
        f"({text} IS {negated}NULL)",
        f"((a.k, a.g) {negated}IN (SELECT q.k, q.g FROM a AS q{filter}))",
        f"(a.g {negated}IN (SELECT q.g FROM a AS q WHERE q.k = a.k GROUP BY q.g HAVING COUNT(*) > {gen.pick(0, 1, 2)}))",
        f"({negated}EXISTS (SELECT 1 FROM a AS q WHERE q.k = a.k AND q.t = a.t GROUP BY q.g HAVING {gen.pick('COUNT(*) > 2', 'MAX(q.id) < 60', 'SUM(q.g) = 4')}))",
        f"((a.g, a.t) {negated}IN (SELECT q.g, q.t FROM a AS q{filter}))",
        f"((a.k, a.g, a.t) {negated}IN (SELECT q.s, q.g, q.t FROM a AS q{filter}))",
    )


def family_correlated(rng):
    """Values in items, in calculations and in conditions."""
    source = table(rng)
    gen = source.gen
    rows = Rows(source, same(test(gen), "b") if rng.random() < 0.5 else None)
    items = [same("id", "i")] + [same(*value(gen)) if rng.random() < 0.6 else same(test(gen), "b") for _ in range(rng.randint(1, 3))]
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query("correlated", f"SELECT {velo} FROM a{rows.where()}", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])
