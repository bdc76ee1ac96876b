"""Queries with windows in FROM and with OVER."""
import re
from decimal import Decimal

from expression import same
from planted import any_planted, planted
from query import From, Query, aggregate, group_query, maybe_where, table

START, END = same("window_start", "t"), same("window_end", "t")


def windowed(rng, family, time="ts", source="a", inner=None):
    """A windowing table function, and its like in DuckDB: a column of starts and one of ends by integer division."""
    size = rng.choice([1, 2, 5, 10, 60, 3600]) * 1_000_000
    offset = rng.choice([0, 0, 0, 300_000, 7_000_000]) % size
    if family == "tumble" and planted("windows begin a second late"):
        offset += 1_000_000 if size > 1_000_000 else 500_000
    seconds = lambda micros: f"INTERVAL '{Decimal(micros).scaleb(-6).normalize():f}' SECOND"
    micros = f"epoch_us({time})"
    base = lambda step: f"(({micros} - {offset}) // {step}) * {step} + {offset}"
    end = f"({seconds(offset)})"
    tail = f", {seconds(offset)}" if offset and not any_planted() else ""
    if family == "tumble":
        velo = f"TUMBLE(TABLE {source}, DESCRIPTOR({time}), {seconds(size)}{tail})"
        duck = f"SELECT *, make_timestamp({base(size)}) AS window_start, make_timestamp({base(size)} + {size}) AS window_end FROM {inner or source}"
        return velo, f"({duck})"
    step = size // rng.choice([1, 2, 4, 5])
    parts = size // step
    size = step * parts + (rng.choice([0, step // 2]) if family == "hop" else 0)
    tail = f", {seconds(offset % step)}" if offset % step and family == "hop" else ""
    if family == "hop":
        offset %= step
        velo = f"HOP(TABLE {source}, DESCRIPTOR({time}), {seconds(step)}, {seconds(size)}{tail})"
        count = -(-size // step) - (1 if planted("a pane is missing") else 0)
        start = f"{base(step)} - n * {step}"
        duck = f"SELECT *, make_timestamp({start}) AS window_start, make_timestamp({start} + {size}) AS window_end FROM {inner or source}, range({count}) r(n) WHERE {micros} < {start} + {size}"
        return velo, f"({duck})"
    offset = 0
    velo = f"CUMULATE(TABLE {source}, DESCRIPTOR({time}), {seconds(step)}, {seconds(size)})"
    end = f"{base(size)} + (n + 1) * {step}"
    duck = f"SELECT *, make_timestamp({base(size)}) AS window_start, make_timestamp({end}) AS window_end FROM {inner or source}, range({parts}) r(n) WHERE {micros} < {end}"
    return velo, f"({duck})"


def window_query(family, rng):
    velo, duck = windowed(rng, family)
    source = From(velo, duck, table(rng).gen)
    return group_query(family, source, [START, END], 2)


def family_tumble(rng):
    return window_query("tumble", rng)


def family_hop(rng):
    return window_query("hop", rng)


def family_cumulate(rng):
    return window_query("cumulate", rng)


# ---- OVER ----

FRAMED = [("ROWS {n} PRECEDING", "ROWS BETWEEN {n} PRECEDING AND CURRENT ROW"), ("ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",) * 2, ("ROWS BETWEEN {m} PRECEDING AND {n} PRECEDING",) * 2,
          ("RANGE BETWEEN INTERVAL '{n}' SECOND PRECEDING AND CURRENT ROW",) * 2, ("",) * 2]


def over_item(rng, rows, final):
    """A window function; rows are in time order and then in source order, or in source order alone without FINAL."""
    gen = rows.source.gen
    part = [gen.of(rng.choice("sib"), 0, True) for _ in range(rng.randint(0, 2))]
    part = [e for e in part if e.velo in gen.kinds]
    names = [rows.add(e) for e in part]
    by = lambda texts: f"PARTITION BY {', '.join(texts)} " if texts else ""
    order = "ts, id" if final else "id"
    close = lambda peers, frame="": f"OVER ({by(names)}ORDER BY {'ts' if peers else order} {frame})"
    velo_by = by([e.velo for e in part]) + "ORDER BY ts"
    e = gen.any(rng.choice([0, 1]), True, kinds="isdt")
    n = rng.randrange(8)
    if n == 0:
        return f"ROW_NUMBER() OVER ({velo_by})", f"row_number() {close(False)}", "i"
    if n == 1 and final:
        name = rng.choice(["RANK", "DENSE_RANK"])
        return f"{name}() OVER ({velo_by})", f"{name}() {close(True)}", "i"
    if n == 2:
        k = rng.randint(1, 3)
        name = rng.choice(["LAG", "LEAD"])
        return f"{name}({e.velo}, {k}) OVER ({velo_by})", f"{name}({rows.add(e)}, {k}) {close(False)}", e.kind
    frame, duck_frame = FRAMED[rng.randrange(len(FRAMED) if final else 3)]
    size = rng.randint(0, 5)
    numbers = {"n": size, "m": size + rng.randint(0, 3)}
    frame, longer = frame.format(**numbers), 1 if planted("frames are a row longer") else 0
    duck_frame = duck_frame.format(**{name: value + longer for name, value in numbers.items()})
    if n == 3 and "ROWS" in frame:
        name = rng.choice(["FIRST_VALUE", "LAST_VALUE"])
        return f"{name}({e.velo}) OVER ({velo_by} {frame})", f"{name}({rows.add(e)}) {close(False, duck_frame)}", e.kind
    velo, duck, kind, _ = aggregate(rng, rows, over=True)
    return f"{velo} OVER ({velo_by} {frame})", re.sub(r"\b(count|sum|min|max|bool_and|bool_or)\(([^()]*)\)", lambda m: f"{m.group(0)} {close('ROWS' not in frame, duck_frame)}", duck, flags=re.I), kind


def family_over(rng):
    rows = maybe_where(table(rng), 0.3)
    final = rng.random() < 0.7
    items = [("id", rows.add(same("id", "i")), "i")] + [over_item(rng, rows, final) for _ in range(rng.randint(1, 3))]
    velo = ", ".join(f"{item[0]} AS c{i}" for i, item in enumerate(items))
    duck = ", ".join(item[1] for item in items)
    return Query("over", f"SELECT {velo} FROM a{rows.where()}{' EMIT FINAL' if final else ''}", f"SELECT {duck} FROM ({rows.duck()})", [item[2] for item in items])


def family_rank(rng):
    """Ranks over whole partitions by any order: at the end of the input, NULLs last, peers in source order."""
    rows = maybe_where(table(rng), 0.3)
    gen = rows.source.gen
    items, kinds = ["id"], ["i"]
    ducks = [rows.add(same("id", "i"))]
    part, key = gen.column(lambda kind: kind in ("s", "b", "i")), gen.column(lambda kind: kind not in ("t",))
    word = rng.choice(["", " DESC"])
    velo = f"(PARTITION BY {part.velo} ORDER BY {key.velo}{word})"
    names = rows.add(part), rows.add(key)
    for name in rng.sample(["ROW_NUMBER()", "RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()", f"NTILE({rng.randint(1, 5)})"], 2):
        tie = ", id" if name.startswith(("ROW", "NTILE")) else ""
        items.append(f"{name} OVER {velo}")
        ducks.append(f"{name} OVER (PARTITION BY {names[0]} ORDER BY {names[1]}{word} NULLS LAST{tie})")
        kinds.append("f" if name[0] in "PC" else "i")
    select = ", ".join(f"{item} AS c{i}" for i, item in enumerate(items))
    return Query("rank", f"SELECT {select} FROM a{rows.where()} EMIT FINAL", f"SELECT {', '.join(ducks)} FROM ({rows.duck()})", kinds)


def family_top(rng):
    """The first rows of each partition, by QUALIFY or by a subquery; also of aggregated groups."""
    rows = maybe_where(table(rng), 0.4)
    gen = rows.source.gen
    part, key = gen.column(lambda kind: kind in ("s", "b", "i")), gen.column(lambda kind: kind != "b")
    items = [same("id", "i"), part, key, gen.any(1, True)]
    names = [rows.add(e) for e in items]
    word, n = rng.choice(["", " DESC"]), rng.randint(1, 4)
    rank = f"ROW_NUMBER() OVER (PARTITION BY {part.velo} ORDER BY {key.velo}{word})"
    select = ", ".join(f"{e.velo} AS c{i}" for i, e in enumerate(items))
    test = rng.choice([f"<= {n}", f"< {n + 1}"])
    if rng.random() < 0.5:
        velo = f"SELECT {select} FROM a{rows.where()} QUALIFY {rank} {test} EMIT FINAL"
    else:
        velo = f"SELECT c0, c1, c2, c3 FROM (SELECT {select}, {rank} AS r FROM a{rows.where()}) WHERE r {test} EMIT FINAL"
    more = n + 1 if planted("top-N takes one more") else n
    duck = f"SELECT {', '.join(names)} FROM ({rows.duck()}) QUALIFY row_number() OVER (PARTITION BY v1 ORDER BY v2{word} NULLS LAST, v0) <= {more}"
    return Query("top", velo, duck, [e.kind for e in items])
