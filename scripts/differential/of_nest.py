"""Every kind of query on top of every other, up to three deep, in subqueries, WITH and views.

Each of these is compared by itself elsewhere; here it is what the planner makes of them together. Where SQL leaves an
order open it is made total. What velo-tpc refuses is counted, not taken as agreement (`REFUSED`)."""
from nest import BOUNDS, SECOND, Rel, aggregate, condition, item, kept, keys_of, order_by, ranked, table, values, where, windowed
from query import Query

# What velo-tpc may say it cannot do, and how many of a hundred queries it may refuse.
REFUSED = ("is not built in this version", "LIMIT .. PER WINDOW without rows of a window", "EMIT FINAL with OVER sorts rows by the table's event time", "is not the event time of a window's rows", "is not an event time: no window made these rows")
REFUSED_PERCENT_MAX = 3


def plain(rel, unique=()):
    """A relation without the bounds of its window, which WHERE and aggregates do not know."""
    kinds = {column: kind for column, kind in rel.kinds.items() if column not in BOUNDS}
    return Rel(rel.velo, rel.duck, kinds, unique, rel.time, calm=rel.calm)


class Nest:
    """A query in the making: what stands in front of it, and its names."""

    def __init__(self, rng):
        self.rng, self.views, self.ctes, self.names = rng, [], [], 0

    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def source(self, rel):
        """The text that names a relation's rows in FROM of velo-tpc."""
        if " " not in rel.velo:
            return rel.velo
        way = self.rng.randrange(3)
        if way == 0:
            name = self.name("q")
            self.ctes.append(f"{name} AS ({rel.velo})")
            return name
        if way == 1:
            name = "v{seed}_" + self.name("v")
            self.views.append(f"CREATE VIEW {name} AS {self.with_ctes(rel.velo)}; ")
            return name
        return f"({rel.velo})"

    def with_ctes(self, text):
        return f"WITH {', '.join(self.ctes)} {text}" if self.ctes else text

    def made(self, rel, columns, items, tail="", kinds=None, source=None, **known):
        """`SELECT columns, items FROM rel tail` for both; an item is (velo, duck, kind, name)."""
        velo = ", ".join(list(columns) + [f"{one[0]} AS {one[3]}" for one in items])
        duck = ", ".join(list(columns) + [f"{one[1]} AS {one[3]}" for one in items])
        all_kinds = {**{name: rel.kinds[name] for name in columns}, **{one[3]: one[2] for one in items}}
        tails = tail if isinstance(tail, tuple) else (tail, tail)
        source = source or self.source(rel)
        return Rel(f"SELECT {velo} FROM {source}{tails[0]}", f"SELECT {duck} FROM ({rel.duck}) AS q{tails[1]}", all_kinds, **known)

    def same_rows(self, rel, **changed):
        """What is known of rows that are those of `rel`."""
        known = {"unique": rel.unique, "time": rel.time, "whole": rel.whole, "bounds": rel.bounds, "calm": rel.calm, "final": rel.final}
        return {**known, **changed}

    # ---- rows ----

    def project(self, rel, last):
        items = [(*item(self.rng, rel), self.name("e")) for _ in range(self.rng.randint(0, 2))]
        conditions = where(self.rng, rel, 0.6)
        return self.made(rel, kept(self.rng, rel), items, conditions, **self.same_rows(rel))

    def star(self, rel, last):
        if " " not in rel.velo:
            return self.project(rel, last)
        conditions = where(self.rng, rel, 0.8)
        source = self.source(rel)
        return Rel(f"SELECT * FROM {source}{conditions[0]}", f"SELECT * FROM ({rel.duck}) AS q{conditions[1]}", rel.kinds, **self.same_rows(rel))

    def renamed(self, rel, last):
        columns = kept(self.rng, rel)
        new = {name: self.name("r") if self.rng.random() < 0.5 else name for name in columns}
        items = [(name, name, rel.kinds[name], new[name]) for name in columns]
        of = lambda names: [new[name] for name in names if name in new]
        keys = [{new[name] for name in key} for key in rel.unique if all(name in new for name in key)]
        return self.made(rel, [], items, where(self.rng, rel), unique=keys, time=new.get(rel.time), whole=of(rel.whole), bounds=of(rel.bounds), calm=rel.calm, final=rel.final)

    def tested(self, rel, last):
        """WHERE with a subquery."""
        rng = self.rng
        other = table(rng)
        other = self.made(other, list(other.kinds), [], where(rng, other, 0.7))
        kinds = [kind for kind in ("i", "s") if rel.of_kind(kind)]
        if not kinds:
            return None
        kind = rng.choice(kinds)
        column, inner = rng.choice(rel.of_kind(kind)), rng.choice(other.of_kind(kind))
        negated, call = rng.choice(["", "NOT "]), rng.choice(["MIN", "MAX"])
        group = rng.choice(["", f" GROUP BY {inner} HAVING COUNT(*) > 1"])
        form = rng.choice([f"{column} {negated}IN (SELECT {inner} FROM ({{}}) AS z{group})", f"{column} {rng.choice('<>')} (SELECT {call}({inner}) FROM ({{}}) AS z)", f"{negated}EXISTS (SELECT 1 FROM ({{}}) AS z)"])
        return self.made(rel, kept(rng, rel), [], (f" WHERE {form.format(other.velo)}", f" WHERE {form.format(other.duck)}"), **self.same_rows(rel))

    def unnested(self, rel, last):
        names = rel.of_kind("i")
        if not names:
            return None
        name, more, one = self.name("x"), self.rng.choice(names), self.rng.choice(names)
        columns = kept(self.rng, rel)
        source = f"{self.source(rel)} CROSS JOIN UNNEST(ARRAY[{one}, {more} + 1]) AS u ({name})"
        rows = Rel(source, f"SELECT *, unnest([{one}, {more} + 1]) AS {name} FROM ({rel.duck}) AS q", {**rel.kinds, name: "i"})
        return self.made(rows, columns + [name], [], source=source, **self.same_rows(rel, unique=[], calm=False))

    def assigned(self, rel, last):
        """The window of each row beside it."""
        if rel.time is None or set(rel.kinds) <= set(BOUNDS):
            return None
        _, rows, _ = windowed(self.rng, rel, self.source(rel), [], ["TUMBLE"])
        return self.made(rows, kept(self.rng, rows), [], where(self.rng, rows), source=rows.velo, **self.same_rows(rows))

    # ---- OVER ----

    def over_time(self, rel, last):
        """Calls in the order of time, over frames behind the row."""
        rng = self.rng
        if rel.time is None:
            return None
        keys = keys_of(rng, rel, 2, rng.choice([0, 1, 1]))
        single = rel.is_unique([*keys, rel.time])
        names = [name for name in rel.of_kind("idf")] or [rel.time]
        items = []
        length = rng.choice([1, 2, 3])
        ranges = [(f"RANGE BETWEEN INTERVAL '{length}' SECOND PRECEDING AND CURRENT ROW", f"RANGE BETWEEN {length * SECOND} PRECEDING AND CURRENT ROW"), ("", "")]
        rows = [f"ROWS BETWEEN {rng.randint(0, 3)} PRECEDING AND CURRENT ROW", f"ROWS BETWEEN {rng.randint(2, 3)} PRECEDING AND 1 PRECEDING", f"ROWS BETWEEN 1 PRECEDING AND {rng.randint(1, 3)} FOLLOWING"]
        by = f"PARTITION BY {', '.join(keys)} " if keys else ""
        whole = f" OVER ({by}ORDER BY {rel.time})"
        for _ in range(rng.randint(1, 2)):
            name, column = self.name("w"), rng.choice(names)
            kind = rel.kinds[column]
            call = rng.choice(["SUM", "COUNT", "MIN", "MAX"]) if kind in ("i", "f") or isinstance(kind, tuple) else "COUNT"
            velo_frame, duck_frame = rng.choice(ranges)
            if single:
                what = rng.randrange(5)
                if what == 0:
                    items.append((f"ROW_NUMBER(){whole}", f"row_number(){whole}", "i", name))
                    continue
                if what <= 2:
                    text = f"{rng.choice(['LAG', 'LEAD', 'LEAD'])}({column}{rng.choice(['', ', 2'])}){whole}"
                    items.append((text, text, kind, name))
                    continue
                if what == 3:
                    velo_frame = duck_frame = rng.choice(rows)
            elif rng.random() < 0.25:
                text = f"{rng.choice(['RANK', 'DENSE_RANK'])}(){whole}"
                items.append((text, text, "i", name))
                continue
            over = lambda frame: f" OVER ({by}ORDER BY {rel.time} {frame})"
            duck = f"{call}({column}){over(duck_frame)}"
            duck = f"CAST({duck} AS BIGINT)" if call == "SUM" and kind == "i" else duck
            items.append((f"{call}({column}){over(velo_frame)}", duck, "i" if call == "COUNT" else kind, name))
        waits = any("LEAD" in one[0] or "FOLLOWING" in one[0] for one in items)
        emit = "" if rel.calm and single and rng.random() < 0.5 else " EMIT FINAL"
        conditions = where(rng, rel)
        return self.made(rel, kept(rng, rel), items, (conditions[0] + emit, conditions[1]), **self.same_rows(rel, calm=rel.calm and not waits, final=rel.final or waits))

    def over_whole(self, rel, last):
        """Calls over whole partitions, and ranks by any order."""
        rng = self.rng
        keys = keys_of(rng, rel, 2)
        if rel.bounds and rng.random() < 0.3:
            keys = list(rel.bounds[:2])
        by = f"PARTITION BY {', '.join(keys)} " if keys else ""
        items = []
        emit = rng.choice(["", " EMIT FINAL"])
        for _ in range(rng.randint(1, 2) if rel.unique else 1):  # equal rows have one order only
            name, column = self.name("w"), rng.choice(list(rel.kinds))
            kind = rel.kinds[column]
            number = kind in ("i", "f") or isinstance(kind, tuple)
            call = rng.choice(["SUM", "MIN", "COUNT"]) if number else rng.choice(["COUNT"] + ["MAX"] * (kind in ("s", "n")))
            columns = ranked(rng, rel)
            emit = " EMIT FINAL" if columns[0] == rel.time else emit
            total = order_by(rng, columns)
            partial = order_by(rng, columns[:1])
            what = rng.randrange(4)
            if what == 0:
                over = f" OVER ({by}{rng.choice(['', 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'])})"
                texts = [f"{call}({column}){over}"] * 2
            elif what == 1:
                call, kind = rng.choice(["RANK()", "DENSE_RANK()"]), "i"
                texts = [f"{call} OVER ({by}ORDER BY {order})" for order in partial]
            elif what == 2:
                frame = rng.choice(["ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING"])
                texts = [f"{call}({column}) OVER ({by}ORDER BY {order} {frame})" for order in total]
            else:
                call = "ROW_NUMBER()" if rng.random() < 0.5 else f"{rng.choice(['LAG', 'LEAD'])}({column})"
                kind = "i" if call == "ROW_NUMBER()" else kind
                texts = [f"{call} OVER ({by}ORDER BY {order})" for order in total]
            kind = "i" if call == "COUNT" else kind
            duck = f"CAST({texts[1]} AS BIGINT)" if call == "SUM" and kind == "i" else texts[1]
            items.append((texts[0], duck, kind, name))
        conditions = where(rng, rel)
        return self.made(rel, kept(rng, rel), items, (conditions[0] + emit, conditions[1]), **self.same_rows(rel, calm=False, final=True))

    def top(self, rel, last):
        """The first rows of each partition, by QUALIFY or by a condition on top."""
        rng = self.rng
        keys = list(rel.bounds[:2]) if rel.bounds and rng.random() < 0.4 else keys_of(rng, rel, 2)
        if rng.random() < 0.2:
            columns = [rng.choice(list(rel.kinds))]
            call = "RANK()"
        else:
            columns, call = ranked(rng, rel), "ROW_NUMBER()"
        if rel.time and rng.random() < 0.3 and rel.is_unique([*keys, rel.time]):
            columns, call = [rel.time], "ROW_NUMBER()"
        orders = order_by(rng, columns)
        by = f"PARTITION BY {', '.join(keys)} " if keys else ""
        most = rng.randint(1, 3)
        rank = [f"{call} OVER ({by}ORDER BY {order}) <= {most}" for order in orders]
        conditions = where(rng, rel)
        known = self.same_rows(rel, calm=False, final=True)
        emit = (" EMIT FINAL" if columns[0] == rel.time else "", "")
        if rng.random() < 0.7:
            return self.made(rel, kept(rng, rel), [], tuple(f"{a} QUALIFY {b}{c}" for a, b, c in zip(conditions, rank, emit)), **known)
        name = self.name("n")
        calls = [one.removesuffix(f" <= {most}") for one in rank]
        inner = self.made(rel, list(rel.kinds), [(*calls, "i", name)], tuple(map("".join, zip(conditions, emit))), **known)
        return self.made(inner, kept(rng, rel), [], f" WHERE {name} <= {most}", **known)

    # ---- groups ----

    def distinct(self, rel, last):
        columns = kept(self.rng, rel, 0.6)
        conditions = where(self.rng, rel)
        made = self.made(rel, columns, [], conditions, **self.same_rows(rel, unique=[*rel.unique, columns], calm=False, final=True))
        made.velo, made.duck = (text.replace("SELECT ", "SELECT DISTINCT ", 1) for text in (made.velo, made.duck))
        return made

    def distinct_on(self, rel, last):
        rng = self.rng
        keys = keys_of(rng, rel, 2, 1)
        if not keys:
            return None
        columns = [*keys, *(name for name in kept(rng, rel) if name not in keys)]
        orders = order_by(rng, ranked(rng, rel, keys))
        conditions = where(rng, rel)
        made = self.made(rel, columns, [], tuple(f"{a} ORDER BY {b}" for a, b in zip(conditions, orders)), **self.same_rows(rel, unique=[*rel.unique, keys], calm=False, final=True))
        made.velo, made.duck = (text.replace("SELECT ", f"SELECT DISTINCT ON ({', '.join(keys)}) ", 1) for text in (made.velo, made.duck))
        return made

    def limited(self, rel, last):
        rng = self.rng
        columns = kept(rng, rel)
        inner = Rel(rel.velo, rel.duck, rel.kinds, **self.same_rows(rel))
        names = [name for name in ranked(rng, inner)]
        orders = order_by(rng, names)
        tail = f" LIMIT {rng.choice([1, 3, 20])}" + rng.choice(["", "", " OFFSET 2"])
        conditions = where(rng, rel)
        return self.made(rel, columns, [], tuple(f"{a} ORDER BY {b}{tail}" for a, b in zip(conditions, orders)), **self.same_rows(rel, calm=False, final=True))

    def limited_by_window(self, rel, last):
        rng = self.rng
        if len(rel.bounds) < 2 or rel.time is None:
            return None
        columns = kept(rng, rel)
        orders = order_by(rng, ranked(rng, rel))
        most = rng.randint(1, 3)
        conditions = where(rng, rel)
        known = self.same_rows(rel, calm=False)
        return self.made(rel, columns, [], (f"{conditions[0]} ORDER BY {orders[0]} LIMIT {most} PER WINDOW", f"{conditions[1]} QUALIFY row_number() OVER (PARTITION BY {rel.bounds[1]} ORDER BY {orders[1]}) <= {most}"), **known)

    def aggregates(self, rel, last):
        """Items, and HAVING for both."""
        rng = self.rng
        items = []
        for _ in range(rng.randint(1, 3)):
            name = self.name("m")
            velo, duck, kind = aggregate(rng, rel, name, last)
            items.append((velo.removesuffix(f" AS {name}"), duck.removesuffix(f" AS {name}"), kind, name))
        return items, rng.choice(["", "", "", " HAVING COUNT(*) > 1"])

    def group(self, rel, last):
        rng = self.rng
        keys = keys_of(rng, rel, 2)
        items, having = self.aggregates(rel, last)
        whole = [name for name in sorted(rel.whole)]
        time = self.name("m") if whole and rng.random() < 0.5 and keys else None
        if time:
            text = f"{rng.choice(['MIN', 'MAX'])}({rng.choice(whole)})"
            items.append((text, text, "n", time))
        by = f" GROUP BY {', '.join(keys)}" if keys else ""
        sets = ""
        if len(keys) > 1 and rng.random() < 0.25 and not time:
            sets = rng.choice([f" GROUP BY ROLLUP ({', '.join(keys)})", f" GROUP BY CUBE ({', '.join(keys)})", f" GROUP BY GROUPING SETS (({keys[0]}), ({keys[1]}))"])
        conditions = where(rng, rel)
        return self.made(rel, keys, items, tuple(one + (sets or by) + having for one in conditions), unique=[] if sets else [keys or [items[0][3]]], time=time, whole=[time] if time else [], final=True)

    def keyed(self, rel, last):
        """Groups by computed keys."""
        rng = self.rng
        key = (*item(rng, rel), self.name("e"))
        items, having = self.aggregates(rel, last)
        conditions = where(rng, rel)
        by = rng.choice(["1", key[3]])
        texts = (f"{conditions[0]} GROUP BY {by}{having}", f"{conditions[1]} GROUP BY 1{having}")
        return self.made(rel, [], [key, *items], texts, unique=[[key[3]]], final=True)

    def window(self, rel, last):
        """Groups of windows."""
        rng = self.rng
        if rel.time is None or set(rel.kinds) <= set(BOUNDS):
            return None
        keys = keys_of(rng, rel, 2)
        keys = [key for key in keys if key not in BOUNDS]
        if rng.random() < 0.35:  # in front of the window: behind sessions and bars WHERE is refused
            rel = self.made(rel, list(rel.kinds), [], where(rng, rel, 1.0), **self.same_rows(rel))
        name, rows, apart = windowed(rng, rel, self.source(rel), keys)
        own = plain(rows, [key for key in rel.unique if not key & set(BOUNDS)])
        items, having = self.aggregates(own, last)
        new = {bound: self.name("b") if rng.random() < 0.3 else bound for bound in BOUNDS}
        chosen = [bound for bound in BOUNDS if rng.random() < 0.85]
        if rows.time is None and not last:  # what goes by the ends of bars takes complete ones
            chosen = ["window_start"]
        bounds = [(bound, bound, "n", new[bound]) for bound in chosen]
        conditions = where(rng, own) if name not in ("SESSION", "BARS") else ("", "")
        if name == "TUMBLE" and rng.random() < 0.2:  # the time of a row says which window it is in
            conditions = where(rng, rows)
        listed = ", ".join(["window_start", "window_end", *keys] if rng.random() < 0.7 else [*keys, "window_start", "window_end"])
        unique = [{*keys, *(new[one] for one in some)} for some in apart if some <= set(chosen)]
        velo_by = f" GROUP BY {listed}"
        duck_by = f" GROUP BY {listed}, window_time"
        if "window_time" in chosen and rng.random() < 0.3:
            velo_by = duck_by
        known = {"unique": unique, "time": new["window_time"] if "window_time" in chosen and rows.time else None, "whole": [new[one] for one in chosen], "bounds": [new[one] for one in chosen]}
        if not set(chosen) >= {"window_start", "window_end"}:
            known["bounds"] = []
        return self.made(rows, keys, [*bounds, *items], (conditions[0] + velo_by + having, conditions[1] + duck_by + having), source=rows.velo, **known)

    def filled(self, rel, last):
        """Tumbling windows with FILL: each key's from its first on, up to the last of all."""
        rng = self.rng
        if rel.time is None or set(rel.kinds) <= set(BOUNDS):
            return None
        keys = [key for key in keys_of(rng, rel, 2) if key not in BOUNDS]
        size = rng.choice([5, 10, 60])
        begin = f"({rel.time} - {rel.time} % {size * SECOND})"
        own = [name for name in rel.kinds if name not in BOUNDS]
        rows = Rel(f"TUMBLE(TABLE {self.source(rel)}, DESCRIPTOR({rel.time}), INTERVAL '{size}' SECOND)", f"SELECT {', '.join(own)}, {begin} AS window_start FROM ({rel.duck}) AS w", {**{name: rel.kinds[name] for name in own}, "window_start": "n"})
        items, _ = self.aggregates(plain(rows), last)
        conditions = where(rng, plain(rows))
        by = ", ".join(["window_start", *keys])
        groups = self.made(rows, [*keys, "window_start"], items, (f"{conditions[0]} GROUP BY window_end, {by} FILL(NULL)", f"{conditions[1]} GROUP BY {by}"), source=rows.velo)
        bounds = f", window_start + {size * SECOND} AS window_end, window_start + {size * SECOND - 1} AS window_time"
        listed, values = ", ".join([*keys, "window_start"]), ", ".join(one[3] for one in items)
        velo = groups.velo.replace("window_start", "window_start, window_end, window_time", 1)
        spans = f"SELECT {''.join(key + ', ' for key in keys)}unnest(range(min(window_start), (SELECT max(window_start) FROM groups) + 1, {size * SECOND})) AS window_start FROM groups" + (f" GROUP BY {', '.join(keys)}" if keys else " HAVING count(*) > 0")
        same_key = " AND ".join([f"s.{key} IS NOT DISTINCT FROM g.{key}" for key in keys] + ["s.window_start = g.window_start"])
        duck = f"WITH groups AS ({groups.duck}), spans AS ({spans}) SELECT s.*{bounds.replace('window_start', 's.window_start')}, {values} FROM spans AS s LEFT JOIN groups AS g ON {same_key}"
        kinds = {**{key: rel.kinds[key] for key in keys}, **dict.fromkeys(BOUNDS, "n"), **{one[3]: one[2] for one in items}}
        return Rel(velo, duck, kinds, [{*keys, bound} for bound in BOUNDS], "window_time", BOUNDS, BOUNDS)

    def regrouped(self, rel, last):
        """Groups of a window's rows by its bounds."""
        rng = self.rng
        if len(rel.bounds) < 2:
            return None
        start, end = rel.bounds[:2]
        chosen = rng.choice([[start, end], [start, end], [end], [start]])
        keys = [key for key in keys_of(rng, rel, 1) if key not in rel.bounds]
        items, having = self.aggregates(rel, last)
        conditions = where(rng, rel)
        by = f" GROUP BY {', '.join([*chosen, *keys])}"
        return self.made(rel, [*chosen, *keys], items, tuple(one + by + having for one in conditions), unique=[[*chosen, *keys]], whole=chosen, bounds=chosen if len(chosen) == 2 else (), final=rel.final or chosen != [start, end])

    # ---- sets ----

    def union(self, rel, last):
        rng = self.rng
        columns = kept(rng, rel)
        word = rng.choice(["UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL", "INTERSECT ALL"])
        sides = [self.made(rel, columns, [], where(rng, rel, 0.8)) for _ in range(2)]
        unique = [] if "ALL" in word else [columns]
        if "INTERSECT" in word or "EXCEPT" in word:
            unique += rel.unique
        known = self.same_rows(rel, unique=unique, calm=False, final=rel.final or word != "UNION ALL")
        return Rel(f" {word} ".join(side.velo for side in sides), f" {word} ".join(side.duck for side in sides), {name: rel.kinds[name] for name in columns}, **known)


ROWS = [Nest.project, Nest.star, Nest.renamed, Nest.tested, Nest.unnested, Nest.assigned]
OPERATIONS = ROWS + [Nest.over_time] * 4 + [Nest.over_whole, Nest.top, Nest.top, Nest.distinct, Nest.distinct_on, Nest.limited, Nest.limited_by_window, Nest.group, Nest.group, Nest.keyed, Nest.window, Nest.window, Nest.window, Nest.filled, Nest.regrouped, Nest.regrouped, Nest.union, Nest.union]


def family_nest(rng):
    """A query on top of another, or of two."""
    nest = Nest(rng)
    rel = values(rng) if rng.random() < 0.04 else table(rng)
    depth = rng.choice([2, 2, 3])
    for level in range(depth):
        made = None
        while made is None:
            made = rng.choice(OPERATIONS)(nest, rel, level == depth - 1)
        rel = made
    emit = "" if rel.velo.endswith(" EMIT FINAL") or not rel.final and rng.random() < 0.3 else " EMIT FINAL"
    return Query("nest", nest.with_ctes(rel.velo) + emit, rel.duck, list(rel.kinds.values()), setup="".join(nest.views), refusable=REFUSED)
