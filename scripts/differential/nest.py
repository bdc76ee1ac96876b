"""Rows of a query as the source of another: their text for both engines, and what is known of them.

Times are `n` here: DuckDB has them as nanoseconds in a BIGINT, for a window's last one is an end less a nanosecond."""
from expression import same
from planted import planted

SECOND = 1_000_000_000
BASE = {"id": "i", "ts": "n", "k": "s", "g": "i", "d": ("d", 10, 2), "f": "f", "t": "b"}
BOUNDS = ("window_start", "window_end", "window_time")


class Rel:
    """The rows of a query.

    `unique`: sets of columns in which no two rows are equal. `time`: the column that windows and OVER go by. `whole`:
    columns of times that are never NULL. `bounds`: those of a window among the columns. `calm`: rows come one by one in
    the order of their time. `final`: whether it is known only with EMIT FINAL."""

    def __init__(self, velo, duck, kinds, unique=(), time=None, whole=(), bounds=(), calm=False, final=False):
        self.velo, self.duck, self.kinds = velo, duck, dict(kinds)
        has = lambda columns: all(column in self.kinds for column in columns)
        self.unique = [frozenset(columns) for columns in unique if has(columns)]
        self.time = time if time in self.kinds else None
        self.whole = {column for column in whole if column in self.kinds}
        self.bounds = tuple(column for column in bounds if column in self.kinds)
        self.calm, self.final = calm, final

    def of_kind(self, kinds):
        """Columns of some kinds; a DECIMAL is `d`."""
        return [name for name, kind in self.kinds.items() if (kind if isinstance(kind, str) else "d") in kinds]

    def is_unique(self, columns):
        return any(key <= set(columns) for key in self.unique)

    def total(self, rng):
        """Columns that put the rows in a total order, but for rows that are equal in all of them."""
        key = list(rng.choice(self.unique)) if self.unique else list(self.kinds)
        key.sort()
        rng.shuffle(key)
        return key


def table(rng):
    """The table with disorder, or the one whose times rise."""
    name = rng.choice("aap")
    duck = f"SELECT id, epoch_us(ts) * 1000 AS ts, k, g, d, f, t FROM {name}"
    unique = [{"id"}, {"ts"}] if name == "p" else [{"id"}]
    return Rel(name, duck, BASE, unique, "ts", {"ts"}, calm=name == "p")


def values(rng):
    """VALUES; a time that is no event time."""
    text = lambda make: "NULL" if rng.random() < 0.2 else make()
    rows = []
    for number in range(rng.randint(1, 6)):
        second = rng.randint(0, 9)
        # The first row has a value everywhere: of a column of NULLs there is no type.
        some = (lambda make: make()) if number == 0 else text
        cells = [str(number), some(lambda: f"'{rng.choice('abcB')}'"), some(lambda: str(rng.randint(-1, 4))), some(lambda: f"{rng.randint(-99, 99)}.5"), some(lambda: rng.choice(["TRUE", "FALSE"]))]
        rows.append((", ".join(cells[:1] + [f"TIMESTAMP '2025-01-01 00:00:0{second}'"] + cells[1:]), ", ".join(cells[:1] + [f"{1735689600 + second}000000000"] + cells[1:])))
    kinds = {"id": "i", "ts": "n", "k": "s", "g": "i", "d": ("d", 0, 0), "t": "b"}
    listed = lambda side: f"(VALUES {', '.join(f'({row[side]})' for row in rows)}) AS v ({', '.join(kinds)})"
    return Rel(f"SELECT * FROM {listed(0)}", f"SELECT * FROM {listed(1)}", kinds, [{"id"}], None, {"ts"})


def condition(rng, rel):
    """A condition over a few columns, that cannot fail."""
    name = rng.choice(list(rel.kinds))
    kind = rel.kinds[name]
    negated = rng.choice(["", "NOT "])
    tests = {
        "i": [f"{name} > {rng.randint(-2, 5)}", f"({name} % 2) = 0", f"{name} < {rng.choice([3, 60])}", f"{name} IN (0, 1, {rng.randint(2, 9)})"],
        "s": [f"{name} < 'c'", f"{name} = 'a'", f"{name} <> 'b'"],
        "f": [f"{name} > 0", f"{name} BETWEEN -500 AND 400"],
        "b": [name, f"{negated}{name}"],
    }
    if kind == "n":
        other = rng.choice(rel.of_kind("n"))
        grid = f"DATE_TRUNC('second', {name}) {{}} {name}", f"({name} - {name} % {SECOND}) {{}} {name}"
        later = f"{name} + INTERVAL '700' MILLISECOND > {other}", f"{name} + 700000000 > {other}"
        op = rng.choice(["=", "<>"])
        texts = rng.choice([(grid[0].format(op), grid[1].format(op)), later])
        return _test(*texts)
    texts = tests.get(kind, [f"{name} > 0", f"{name} <= 10"]) + [f"{name} IS {negated}NULL"]
    text = rng.choice(texts)
    return _test(text, text)


def _test(velo, duck):
    e = same(velo, "b")
    e.duck = duck
    return e


def where(rng, rel, chance=0.35):
    """WHERE with one condition or two, for both."""
    if rng.random() > chance:
        return "", ""
    parts = [condition(rng, rel) for _ in range(rng.choice([1, 1, 2]))]
    word = rng.choice([" AND ", " OR "])
    return f" WHERE {word.join(e.velo for e in parts)}", f" WHERE {word.join(e.duck for e in parts)}"


def item(rng, rel):
    """A computed column: texts for both and the kind."""
    name = rng.choice(list(rel.kinds))
    kind = rel.kinds[name]
    test = condition(rng, rel)
    chosen = f"CASE WHEN {test.velo} THEN {name} END", f"CASE WHEN {test.duck} THEN {name} END", kind
    if kind == "i":
        text = rng.choice([f"{name} + 1", f"{name} % 3", f"-{name}", f"COALESCE({name}, 7)"])
        return rng.choice([(text, text, kind), chosen])
    if kind == "s":
        text = rng.choice([f"{name} || 'x'", f"COALESCE({name}, '-')", f"UPPER(SUBSTRING({name}, 1, 1))"])
        return rng.choice([(text, text, kind), chosen]) if "UPPER" not in text else chosen
    if kind == "n":
        length, seconds = rng.choice([("second", 1), ("minute", 60)])
        return f"DATE_TRUNC('{length}', {name})", f"{name} - {name} % {seconds * SECOND}", kind
    if kind == "b":
        return f"NOT {name}", f"NOT {name}", kind
    return chosen


def kept(rng, rel, most=1.0):
    """Columns that go on, those that say the most with a greater chance."""
    if rng.random() < 0.35:
        return list(rel.kinds)
    weighty = set(rng.choice(rel.unique)) if rel.unique and rng.random() < 0.7 else set()
    weighty |= {rel.time} if rng.random() < 0.85 else set()
    weighty |= set(rel.bounds) if rng.random() < 0.6 else set()
    columns = [name for name in rel.kinds if name in weighty or rng.random() < 0.5 * most]
    return columns or [rng.choice(list(rel.kinds))]


def keys_of(rng, rel, most=2, least=0):
    """Columns to group or part by."""
    names = rel.of_kind("isbdf")
    rare = [name for name in names if not rel.is_unique([name])] or names
    count = min(rng.randint(least, most), len(rare))
    return sorted(rng.sample(rare, count))


def order_by(rng, columns):
    """ORDER BY for both: NULLs last, ascending or not, unless it is said."""
    words = [rng.choice(["", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"]) for _ in columns]
    return ", ".join(map("".join, zip(columns, words))), ", ".join(f"{c}{w}{'' if 'NULLS' in w else ' NULLS LAST'}" for c, w in zip(columns, words))


def ranked(rng, rel, columns=()):
    """A total order, by some columns before the key."""
    names = [name for name in rel.kinds if name not in columns]
    first = rng.sample(names, min(len(names), rng.randint(0, 2)))
    return [*columns, *first, *(name for name in rel.total(rng) if name not in first and name not in columns)]


def aggregate(rng, rel, name, last):
    """An aggregate: text for both, and its kind. `last`: nothing is calculated of it."""
    of = lambda kinds: rng.choice(rel.of_kind(kinds)) if rel.of_kind(kinds) else None
    test = condition(rng, rel) if rng.random() < 0.25 else None
    tails = (f" FILTER (WHERE {test.velo})", f" FILTER (WHERE {test.duck})") if test else ("", "")
    by = next((column for key in rel.unique for column in key if len(key) == 1 and rel.kinds[column] in ("i", "n")), None)
    what = rng.randrange(9)
    column = of("isdfnb")
    if what == 0 or column is None:
        return f"COUNT(*){tails[0]} AS {name}", f"count(*){tails[1]} AS {name}", "i"
    if what == 1:
        distinct = rng.choice(["", "DISTINCT "])
        return f"COUNT({distinct}{column}){tails[0]} AS {name}", f"count({distinct}{column}){tails[1]} AS {name}", "i"
    if what == 2 and by and not test:
        call = rng.choice(["ARG_MIN", "ARG_MAX"])
        return f"{call}({column}, {by}) AS {name}", f"{call}({column}, {by}) AS {name}", rel.kinds[column]
    if what == 3 and rel.time and rel.is_unique([rel.time]) and not test and rel.calm:
        call, word = rng.choice([("FIRST", ""), ("LAST", " DESC")])
        return f"{call}({column}) AS {name}", f"first({column} ORDER BY {rel.time}{word}) FILTER (WHERE {column} IS NOT NULL) AS {name}", rel.kinds[column]
    if what == 4 and of("b"):
        call, column = rng.choice(["BOOL_AND", "BOOL_OR"]), of("b")
        return f"{call}({column}){tails[0]} AS {name}", f"{call}({column}){tails[1]} AS {name}", "b"
    if what == 5 and last and of("i"):
        column = of("i")
        return f"AVG({column}){tails[0]} AS {name}", f"avg({column}){tails[1]} AS {name}", "f"
    if what <= 6 and of("isdfn"):
        call, column = rng.choice(["MIN", "MAX"]), of("isdfn")
        return f"{call}({column}){tails[0]} AS {name}", f"{call}({column}){tails[1]} AS {name}", rel.kinds[column]
    column = of("idf")
    if column is None:
        return f"COUNT(*) AS {name}", f"count(*) AS {name}", "i"
    kind = rel.kinds[column]
    total = f"CAST(sum({column}){tails[1]} AS BIGINT)" if kind == "i" else f"sum({column}){tails[1]}"
    return f"SUM({column}){tails[0]} AS {name}", f"{total} AS {name}", kind


WINDOWS = ("TUMBLE", "TUMBLE", "HOP", "CUMULATE", "SESSION", "BARS")


def windowed(rng, rel, source, keys, names=WINDOWS):
    """Rows with the windows they are in, as a windowing table function gives them: a relation whose texts stand in FROM,
    and the sets of columns that tell windows of one group apart."""
    time, name = rel.time, rng.choice([name for name in names if name != "BARS" or rel.calm and rel.is_unique([rel.time])])
    size = rng.choice([500, 1000, 2000, 2000, 5000, 10_000, 60_000]) * 1_000_000
    parts = rng.choice([1, 2, 4, 5])
    step = size // parts
    length = lambda nanos: f"INTERVAL '{nanos // 1_000_000}' MILLISECOND"
    own = {column: kind for column, kind in rel.kinds.items() if column not in BOUNDS}
    columns, inner = ", ".join(own), f"({rel.duck}) AS w"
    if time in BOUNDS:  # its name is the new window's
        inner, time = f"(SELECT *, {time} AS of_row FROM {inner}) AS w", "of_row"
    bounds = lambda start, end: ", ".join([columns] * bool(own) + [f"{start} AS window_start, {end} AS window_end, {end} - 1 AS window_time"])
    begin = lambda length: f"({time} - {time} % {length})"
    of = f"TABLE {source}, DESCRIPTOR({rel.time})"
    if name == "TUMBLE":
        offset = rng.choice([0, 0, 0, 300_000_000]) % size
        late = SECOND if planted("windows on top begin a second late") else 0
        start = f"({time} - ({time} - {offset + late}) % {size})"
        velo = f"TUMBLE({of}, {length(size)}{f', {length(offset)}' if offset else ''})"
        duck = f"SELECT {bounds(start, f'({start} + {size})')} FROM {inner}"
    elif name == "HOP":
        start = f"({begin(step)} - n * {step})"
        velo = f"HOP({of}, {length(step)}, {length(size)})"
        duck = f"SELECT {bounds(start, f'({start} + {size})')} FROM {inner}, range({parts}) r(n)"
    elif name == "CUMULATE":
        end = f"({begin(size)} + (n + 1) * {step})"
        velo = f"CUMULATE({of}, {length(step)}, {length(size)})"
        duck = f"SELECT {bounds(begin(size), end)} FROM {inner}, range({parts}) r(n) WHERE {time} < {end}"
    elif name == "BARS":
        rows = rng.randint(1, 4)
        part = f"PARTITION BY {', '.join(keys)} " if keys else ""
        velo = f"BARS(TABLE {source} {part}, DESCRIPTOR({rel.time}), TICKS {rows})".replace(" ,", ",")
        numbered = f"SELECT *, (row_number() OVER ({part}ORDER BY {time}) - 1) // {rows} AS bar FROM {inner}"
        of_bar = f"OVER (PARTITION BY {', '.join([*keys, 'bar'])})"
        duck = f"SELECT {bounds(f'min({time}) {of_bar}', f'max({time}) {of_bar}')} FROM ({numbered})"
    else:
        part = f"PARTITION BY {', '.join(keys)} " if keys else ""
        velo = f"SESSION(TABLE {source} {part}, DESCRIPTOR({rel.time}), {length(size)})".replace(" ,", ",")
        begun = f"SELECT *, coalesce({time} - lag({time}) OVER ({part}ORDER BY {time}) > {size}, true) AS begins FROM {inner}"
        numbered = f"SELECT *, count(*) FILTER (WHERE begins) OVER ({part}ORDER BY {time} RANGE UNBOUNDED PRECEDING) AS session FROM ({begun})"
        of_session = f"OVER (PARTITION BY {', '.join([*keys, 'session'])})"
        duck = f"SELECT {bounds(f'min({time}) {of_session}', f'(max({time}) {of_session} + {size})')} FROM ({numbered})"
    apart = [{"window_end"}, {"window_time"}] + [{"window_start"}] * (name != "CUMULATE")
    keys = [key for key in rel.unique if not key & set(BOUNDS)]  # the bounds are the new window's
    unique = keys if name in ("TUMBLE", "SESSION", "BARS") else [key | one for key in keys for one in apart]
    whole = (rel.whole & set(own)) | set(BOUNDS)
    # Of bars that the end of the input leaves open windows on top take none.
    closes = name != "BARS" or rows == 1
    return name, Rel(velo, duck, {**own, **dict.fromkeys(BOUNDS, "n")}, unique, rel.time if closes else None, whole, BOUNDS, rel.calm, rel.final), apart
