"""What queries are made of: sources, rows without those that fail, aggregates, groups."""
from data import COLUMNS, I64_MAX
from expression import both, holds, huge, is_decimal, quotient, same, value_of
from generator import Gen
from planted import planted


class Query:
    """A query of both engines. `setup`: views that it reads, `{seed}` in their names; `refusable`: what velo-tpc may say
    it cannot do."""

    def __init__(self, family, velo, duck, kinds, ordered=False, setup="", refusable=()):
        self.family, self.velo, self.duck, self.kinds, self.ordered = family, velo, duck, kinds, ordered
        self.setup, self.refusable = setup, refusable

    def numbered(self, seed):
        """With the names of its views."""
        self.velo, self.setup = (text.replace("{seed}", str(seed)) for text in (self.velo, self.setup))
        return self


class From:
    """What a query reads: its text for both, and the generator of its columns. `time`: whether it has ts and id."""

    def __init__(self, velo, duck, gen, time=True):
        self.velo, self.duck, self.gen, self.time = velo, duck, gen, time


def table(rng):
    return From("a", "a", Gen(rng, {name: kind for name, _, kind in COLUMNS}, small=("g", "id")))


class Rows:
    """The rows that a query's expressions are computed from: DuckDB's inner query, without those that fail."""

    def __init__(self, source, condition=None):
        self.source, self.condition, self.items = source, condition, []

    def add(self, e):
        """The name that DuckDB's outer query has for an expression."""
        self.items.append(e)
        return f"v{len(self.items) - 1}"

    def duck(self, extra=""):
        items = [f"{value_of(e)} AS v{i}" for i, e in enumerate(self.items)] + (["id", "ts"] if self.source.time else []) + ([extra] if extra else [])
        where = [condition for e in self.items for condition in holds(e)]
        if self.condition:
            value = value_of(self.condition)
            where += [f"coalesce({value}, true)" if planted("NULL equals NULL") else value] + holds(self.condition)
        return f"SELECT {', '.join(items or ['1'])} FROM {self.source.duck}" + (f" WHERE {' AND '.join(f'({w})' for w in where)}" if where else "")

    def where(self):
        return f" WHERE {self.condition.velo}" if self.condition else ""


def maybe_where(source, chance=0.6):
    gen = source.gen
    return Rows(source, gen.of("b", gen.rng.randint(1, 3)) if gen.rng.random() < chance else None)


def projection(family, rng, kinds, depth, calls=(), chance=0.3):
    """SELECT expressions FROM a WHERE condition."""
    rows = maybe_where(table(rng), chance)
    gen = rows.source.gen
    items = [same("id", "i")]
    for _ in range(rng.randint(1, 5)):
        items.append(getattr(gen, rng.choice(calls))(depth, False) if calls and rng.random() < 0.5 else gen.any(depth, kinds=kinds))
    names = [rows.add(e) for e in items]
    velo = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    return Query(family, f"SELECT {velo} FROM a{rows.where()}", f"SELECT {named(names)} FROM ({rows.duck()})", [e.kind for e in items])


def named(texts):
    return ", ".join(f"{text} AS c{i}" for i, text in enumerate(texts))


def aggregate(rng, rows, over=False):
    """An aggregate: its text for both, its kind, and DuckDB's condition for a group that does not fail.

    With `over`, one that a frame can have, and that cannot overflow."""
    gen, calm = rows.source.gen, over
    kinds = "".join(kind for kind in "isbtdf" if gen.column(is_decimal if kind == "d" else lambda k, kind=kind: k == kind)) or "i"
    safe = over or rng.random() < 0.7
    arg = lambda choices: gen.any(rng.choice([0, 0, 1, 2]), safe, kinds="".join(k for k in choices if k in kinds) or "i")
    filtered = not over and rng.random() < 0.25
    condition = gen.of("b", 1, True) if filtered else None
    tail = f" FILTER (WHERE {condition.velo})" if filtered else ""
    duck_tail = f" FILTER (WHERE {rows.add(condition)})" if filtered and not planted("FILTER is forgotten") else ""
    if filtered:
        arg = lambda choices: gen.any(1, True, kinds="".join(k for k in choices if k in kinds) or "i")
    distinct = "DISTINCT " if not over and rng.random() < 0.2 else ""
    call = lambda text: text + duck_tail
    n = rng.randrange(14 if rows.source.time else 9)
    if n == 0:
        return "COUNT(*)" + tail, call("count(*)"), "i", None
    if n == 1:
        e = arg("isbtdf")
        return f"COUNT({distinct}{e.velo})" + tail, call(f"count({distinct}{rows.add(e)})"), "i", None
    if n in (2, 3):
        return sum_or_average(rng, rows, arg("dfi" if not calm else "d"), distinct, tail, duck_tail)
    if n in (4, 5):
        e = arg("isdt")
        name = rng.choice(["MIN", "MAX"])
        return f"{name}({e.velo})" + tail, call(f"{name}({rows.add(e)})"), e.kind, None
    if n == 6 and not over:  # velo-tpc refuses BOOL_AND and BOOL_OR with OVER
        e = gen.of("b", 1, safe or filtered)
        name = rng.choice(["BOOL_AND", "BOOL_OR"])
        return f"{name}({e.velo})" + tail, call(f"{name}({rows.add(e)})"), "b", None
    if n in (7, 8):
        return statistic(rng, rows, distinct, tail, duck_tail, over)
    e = gen.of(rng.choice("df"), 0, True) if n == 13 else gen.of("s", 1, True) if n == 12 else arg("isdt")
    column = rows.add(e)
    if over:
        return f"MAX({e.velo})", f"max({column})", e.kind, None
    if n in (9, 10):  # by event time, ties by source order, of values that are not NULL
        name, order = rng.choice([("FIRST", "ts, id"), ("LAST", "ts DESC, id DESC")])
        keep = duck_tail[:-1] + f" AND {column} IS NOT NULL)" if duck_tail else f" FILTER (WHERE {column} IS NOT NULL)"
        return f"{name}({e.velo})" + tail, f"first({column} ORDER BY {order}){keep}", e.kind, None
    if n == 11:
        name = rng.choice(["ARG_MIN", "ARG_MAX"])
        return f"{name}({e.velo}, id)" + tail, call(f"{name}({column}, id)"), e.kind, None
    if n == 12:
        return f"STRING_AGG({e.velo}, '|')" + tail, call(f"string_agg({column}, '|' ORDER BY id)"), "s", None
    return f"DELTA({e.velo})" + tail, f"({call(f'max({column})')} - {call(f'min({column})')})", ("d", 0, 0) if is_decimal(e.kind) else "f", None


def sum_or_average(rng, rows, e, distinct, tail, duck_tail):
    if e.kind == "f":
        e = same("f", "f") if "f" in rows.source.gen.kinds else same("1e0", "f")  # no NaN and no cancellation of 1e300
    column = rows.add(e)
    total, count = f"sum({distinct}{column}){duck_tail}", f"count({distinct}{column}){duck_tail}"
    if planted("averages skip nothing"):
        count = "count(*)"
    if rng.random() < 0.5:
        # A SUM of BIGINTs that does not fit in one when it is emitted is the group's error; DuckDB's is a HUGEINT.
        guard = f"coalesce({total} BETWEEN {-I64_MAX - 1} AND {I64_MAX}, true)" if e.kind == "i" else None
        return f"SUM({distinct}{e.velo})" + tail, total, ("d", 0, 0) if is_decimal(e.kind) else e.kind, guard
    if is_decimal(e.kind) and e.kind[2] <= 12 and e.kind[1] <= 20:
        # AVG of DECIMAL(p,s) is DECIMAL(38, max(s,6)), rounded half up; DuckDB's is a DOUBLE.
        scale = max(e.kind[2], 6)
        digits = f"{huge(total, e.kind[2])} * 1{'0' * (scale - e.kind[2])}::HUGEINT"
        return f"AVG({distinct}{e.velo})" + tail, f"CASE WHEN {count} > 0 THEN {quotient(digits, f'CAST({count} AS HUGEINT)', scale)} END", ("d", 38, scale), None
    if is_decimal(e.kind):
        return f"MIN({e.velo})" + tail, f"min({column}){duck_tail}", e.kind, None
    return f"AVG({distinct}{e.velo})" + tail, f"(CAST({total} AS DOUBLE) / nullif({count}, 0))", "f", None


def statistic(rng, rows, distinct, tail, duck_tail, over):
    """Aggregates of DOUBLEs, over multiples of an eighth."""
    gen = rows.source.gen
    if "f" not in gen.kinds or over:
        return "COUNT(*)" + tail, "count(*)" + duck_tail, "i", None
    a = same("f", "f")
    name = rng.choice(["STDDEV", "STDDEV_POP", "VARIANCE", "VAR_POP", "MEDIAN", "PERCENTILE_CONT", "PERCENTILE_DISC", "COVAR_SAMP", "COVAR_POP", "CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2", "SKEWNESS"])
    if name.startswith("PERCENTILE"):
        p = rng.choice(["0.5", "0.25", "0.9", "0", "1"])
        return f"{name}({a.velo}, {p})" + tail, f"{name.replace('PERCENTILE', 'quantile')}({rows.add(a)}, {p}){duck_tail}", "f", None
    if name in ("COVAR_SAMP", "COVAR_POP", "CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2"):
        b = both("CAST({} AS DOUBLE)", same("g", "i"), kind="f")
        return f"{name}({a.velo}, {b.velo})" + tail, f"{name}({rows.add(a)}, {rows.add(b)}){duck_tail}", "f", None
    return f"{name}({distinct}{a.velo})" + tail, f"{name}({distinct}{rows.add(a)}){duck_tail}", "f", None


def group_keys(rng, gen, most=3):
    """Group keys; each by its expression."""
    kinds = [k for k in "iiisstbydf" if gen.column(is_decimal if k == "d" else lambda kind, k=k: kind == k)]
    return [gen.of(rng.choice(kinds), rng.choice([0, 0, 0, 1, 2]), rng.random() < 0.8) for _ in range(rng.randint(0, most))]


def group_query(family, source, fixed=(), most=3, tail=" EMIT FINAL"):
    """SELECT keys, aggregates FROM source WHERE .. GROUP BY keys HAVING ..; `fixed` are keys that come first."""
    gen, rng = source.gen, source.gen.rng
    rows = maybe_where(source, 0.4)
    keys = list(fixed) + group_keys(rng, gen, most)
    keys = [key for i, key in enumerate(keys) if key.velo not in [k.velo for k in keys[:i]] and not key.velo.lstrip("-(").split(")")[0].isdigit()]
    names = [rows.add(key) for key in keys]
    items = [(key.velo, name, key.kind, None) for key, name in zip(keys, names)] + [aggregate(rng, rows) for _ in range(rng.randint(1, 4))]
    having = []
    if rng.random() < 0.3:
        n = rng.randint(0, 3)
        having = [(f"COUNT(*) > {n}", f"count(*) > {n}")]
        used = len(rows.items)
        extra = aggregate(rng, rows)
        if extra[2] == "i" and extra[3] is None:
            having.append((f"{extra[0]} < 50", f"{extra[1]} < 50"))
        else:
            del rows.items[used:]  # computed for nobody, it must not fail
    velo = f"SELECT {', '.join(f'{item[0]} AS c{i}' for i, item in enumerate(items))} FROM {source.velo}{rows.where()}"
    duck = f"SELECT {', '.join(f'{item[1]} AS c{i}' for i, item in enumerate(items))} FROM ({rows.duck()})"
    if keys:
        velo += " GROUP BY " + ", ".join(key.velo for key in keys)
        duck += " GROUP BY " + ", ".join(names)
    guards = [item[3] for item in items if item[3]] + [h[1] for h in having]
    velo += f" HAVING {' AND '.join(h[0] for h in having)}" if having else ""
    duck += f" HAVING {' AND '.join(guards)}" if guards else ""
    return Query(family, velo + tail, duck, [item[2] for item in items])
