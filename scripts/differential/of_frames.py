"""Aggregates over frames, rows that come later, and what stands on top of them."""
from expression import same
from planted import planted
from query import Query, maybe_where, table

# velo-tpc's call, DuckDB's, the kind; over the names that DuckDB's inner query gives the columns.
CALLS = [
    ("COUNT(DISTINCT g)", "count(DISTINCT g)", "i"), ("SUM(DISTINCT g)", "sum(DISTINCT g)", "i"), ("STDDEV(f)", "stddev(f)", "f"),
    ("VAR_POP(f)", "var_pop(f)", "f"), ("MEDIAN(f)", "median(f)", "f"), ("PERCENTILE_CONT(f, 0.25)", "quantile_cont(f, 0.25)", "f"),
    ("PERCENTILE_DISC(f, 0.5)", "quantile_disc(f, 0.5)", "f"), ("BOOL_AND(t)", "bool_and(t)", "b"), ("BOOL_OR(t)", "bool_or(t)", "b"),
    ("STRING_AGG(k, '|')", "string_agg(k, '|')", "s"), ("ARG_MAX(k, id)", "arg_max(k, id)", "s"), ("ARG_MIN(g, id)", "arg_min(g, id)", "i"),
    ("COVAR_POP(f, id)", "covar_pop(f, id)", "f"), ("AVG(g)", "avg(g)", "f"), ("SUM(d)", "sum(d)", ("d", 0, 0)),
    ("COUNT(*) FILTER (WHERE t)", "count(*) FILTER (WHERE t)", "i"), ("MAX(g) FILTER (WHERE f > 0)", "max(g) FILTER (WHERE f > 0)", "i"),
    ("MIN(k)", "min(k)", "s"), ("NTH_VALUE(g, 2)", "nth_value(g, 2)", "i"), ("APPROX_COUNT_DISTINCT(g)", "count(DISTINCT g)", "i"),
]
COLUMNS = "id, ts, k, g, f, t, d"


def frame_of(rng, final):
    n = rng.randint(0, 4)
    longer = n + 1 if planted("frames are a row longer") else n
    if rng.random() < 0.4:  # beyond the current row
        ahead = rng.randint(1, 3)
        frame = rng.choice([f"ROWS BETWEEN {n} PRECEDING AND {ahead} FOLLOWING", f"ROWS BETWEEN CURRENT ROW AND {ahead} FOLLOWING", f"ROWS BETWEEN {rng.randint(1, ahead)} FOLLOWING AND {ahead} FOLLOWING", f"ROWS BETWEEN UNBOUNDED PRECEDING AND {ahead} FOLLOWING"])
        return frame, frame
    frames = ["ROWS BETWEEN {} PRECEDING AND CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", "ROWS BETWEEN 1{} PRECEDING AND 1 PRECEDING"]
    if final:
        frames.append("RANGE BETWEEN INTERVAL '{}' SECOND PRECEDING AND CURRENT ROW")
    frame = rng.choice(frames)
    return frame.format(n), frame.format(longer)


def family_frames(rng):
    """Aggregates of every kind over frames, in the order of time or as rows come."""
    final = rng.random() < 0.6
    key = rng.choice(["k", "t", "g", "k, t"])
    where = rng.choice(["", " WHERE g > 0", " WHERE id < 60"])
    velo, duck, kinds = ["id"], ["id"], ["i"]
    for at, (call, its, kind) in enumerate(rng.sample(CALLS, rng.randint(1, 3))):
        frame, duck_frame = frame_of(rng, final)
        order = ("ts" if "RANGE" in frame else "ts, id") if final else "id"
        velo.append(f"{call} OVER (PARTITION BY {key} ORDER BY ts {frame}) AS c{at}")
        duck.append(f"{its} OVER (PARTITION BY {key} ORDER BY {order} {duck_frame}) AS c{at}")
        kinds.append(kind)
    return Query("frames", f"SELECT {', '.join(velo)} FROM a{where}{' EMIT FINAL' * final}", f"SELECT {', '.join(duck)} FROM a{where}", kinds)


def led(rng):
    """A query of rows with LEADs, for both; whether it is in the order of time."""
    final = rng.random() < 0.5
    key = rng.choice(["k", "g", "k, t"])
    ahead = rng.randint(1, 3)
    where = rng.choice(["", " WHERE t", " WHERE g >= 0"])
    order = "ts, id" if final else "id"
    text = f"SELECT {COLUMNS}, LEAD(g) OVER (PARTITION BY {key} ORDER BY {{0}}) AS near, LEAD(id, {ahead}, -1) OVER (PARTITION BY {key} ORDER BY {{0}}) AS far FROM a{where}"
    return f"({text.format('ts')}{' EMIT FINAL' * final})", f"({text.format(order)})", key, order


def family_led(rng):
    """OVER, ranks, groups and tumbling windows on top of LEAD."""
    velo, duck, key, order = led(rng)
    what = rng.randrange(4)
    if what == 0:
        key = rng.choice([key, f"{key}, f > 0"])
        calls = rng.sample([("SUM(near)", "i"), ("COUNT(far)", "i"), ("MAX(far)", "i"), ("LAST_VALUE(near)", "i"), ("MIN(near)", "i")], 2)
        frame = "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"
        item = lambda order: ", ".join(f"{call} OVER (PARTITION BY {key} ORDER BY {order} {frame}) AS c{i}" for i, (call, _) in enumerate(calls))
        return Query("led", f"SELECT id, near, far, {item('ts')} FROM {velo}", f"SELECT id, near, far, {item(order)} FROM {duck}", ["i"] * 3 + [kind for _, kind in calls])
    if what == 1:
        rank = "RANK() OVER (PARTITION BY t ORDER BY near DESC NULLS LAST, far)"
        return Query("led", f"SELECT id, {rank} AS r FROM {velo} EMIT FINAL", f"SELECT id, {rank} AS r FROM {duck}", ["i", "i"])
    calls = "COUNT(*) AS n, COUNT(near) AS m, SUM(near) AS total, MAX(far) AS most"
    if what == 2:
        text = f"SELECT t, {calls} FROM {{}} GROUP BY t"
        return Query("led", text.format(velo) + " EMIT FINAL", text.format(duck), ["b"] + ["i"] * 4)
    seconds = rng.choice([1, 5, 60])
    start = f"make_timestamp((epoch_us(ts) // {seconds * 1_000_000}) * {seconds * 1_000_000})"
    window = f"WITH l AS {velo} SELECT window_start, k, {calls} FROM TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '{seconds}' SECOND) GROUP BY window_start, window_end, k"
    return Query("led", window, f"SELECT {start} AS w, k, {calls} FROM {duck} GROUP BY w, k", ["t", "s"] + ["i"] * 4)


WHOLE = ["", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"]
# Columns with lengths of their own, and frames of any order.
LENGTHS = {
    "g": ["0", "1", "2.5"], "d": ["0.25", "10", "1000.505"], "f": ["0.5", "100", "1e3"], "e": ["0.00005", "10000"],
    "ts": ["INTERVAL '1' SECOND", "INTERVAL '2500' MILLISECOND"], "u": ["INTERVAL '1' DAY", "INTERVAL '400' DAY"], "y": ["INTERVAL '36' HOUR", "INTERVAL '900' DAY"],
}


def bounds(rng, of):
    """Two bounds, the first not behind the second; `of` makes a length."""
    here, low, high = "CURRENT ROW", *sorted([of(), of()], key=lambda length: length[0])
    return "BETWEEN " + rng.choice([
        f"{low[1]} PRECEDING AND {high[1]} FOLLOWING", f"{high[1]} PRECEDING AND {low[1]} PRECEDING", f"{low[1]} FOLLOWING AND {high[1]} FOLLOWING",
        f"{here} AND {high[1]} FOLLOWING", f"{high[1]} PRECEDING AND {here}", f"UNBOUNDED PRECEDING AND {high[1]} FOLLOWING", f"{low[1]} PRECEDING AND UNBOUNDED FOLLOWING",
        f"{here} AND UNBOUNDED FOLLOWING", f"UNBOUNDED PRECEDING AND {here}", f"{low[1]} FOLLOWING AND UNBOUNDED FOLLOWING"])


def whole_window(rng):
    """PARTITION BY, ORDER BY and a frame for both; whether the frame's rows have a total order."""
    partition = rng.choice(["", "PARTITION BY k ", "PARTITION BY t ", "PARTITION BY g ", "PARTITION BY k, t "])
    what = rng.randrange(4)
    if what == 0:
        return partition + rng.choice(WHOLE), partition + rng.choice(WHOLE), False
    word, nulls = rng.choice(["", " DESC"]), rng.choice([" NULLS FIRST", " NULLS LAST", ""])
    usual = nulls or (" NULLS FIRST" if planted("NULLs come first") else " NULLS LAST")
    if what == 1:
        by = rng.choice(list(LENGTHS))
        frame = "RANGE " + bounds(rng, lambda: rng.choice(list(enumerate(LENGTHS[by]))))
        if not word and nulls != " NULLS FIRST":  # by a column that could be their time velo-tpc takes all rows so far as they come
            frame = frame.replace("UNBOUNDED PRECEDING AND CURRENT ROW", "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
        return f"{partition}ORDER BY {by}{word}{nulls} {frame}", f"{partition}ORDER BY {by}{word}{usual} {frame}", False
    by = ", ".join(f"{column}{{}}" for column in rng.sample(["k", "d", "s", "t", "g", "y", "f", "u"], rng.randint(1, 2)))
    unit = rng.choice(["ROWS", "GROUPS"])
    if unit == "ROWS":
        by += ", id"
    counted = lambda: (number := rng.randint(0, 5), str(number))
    frame = f"{unit} {bounds(rng, counted)}"
    more = frame.replace("1 PRECEDING", "2 PRECEDING") if planted("frames are a row longer") else frame
    order = lambda usual: by.format(word + usual, usual)
    return f"{partition}ORDER BY {order(nulls)} {frame}", f"{partition}ORDER BY {order(usual)} {more}", unit == "ROWS"


def family_whole(rng):
    """Aggregates and values of whole partitions: frames of any bounds, by any order or none."""
    where = rng.choice(["", " WHERE g > 0", " WHERE id < 60"])
    velo, duck, kinds = ["id"], ["id"], ["i"]
    for at in range(rng.randint(1, 3)):
        window, its_window, is_total = whole_window(rng)
        # Of peers DuckDB takes any first.
        free = [call for call in CALLS if is_total or not call[0].startswith(("STRING_AGG", "NTH_VALUE"))]
        call, its, kind = rng.choice(free + [("FIRST_VALUE(g)", "first_value(g)", "i"), ("LAST_VALUE(id)", "last_value(id)", "i")] * is_total + [("COUNT(*)", "count(*)", "i"), ("SUM(g)", "sum(g)", "i")])
        velo.append(f"{call} OVER ({window}) AS c{at}")
        duck.append(f"{its} OVER ({its_window}) AS c{at}")
        kinds.append(kind)
    return Query("whole", f"SELECT {', '.join(velo)} FROM a{where} EMIT FINAL", f"SELECT {', '.join(duck)} FROM a{where}", kinds)
