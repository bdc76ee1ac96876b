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
